import type { Counters } from '../src/core/sync/outcome.ts'
import { type Engine, openEngine } from './engine.ts'
import { type Floor, floorFirst, openFloor } from './floor.ts'
import { floorCompare } from './floor-compare.ts'
import type { BenchServer } from './server.ts'

/** Seconds of one round. */
export interface Round {
  readonly first: { readonly engine: number; readonly floor: number }
  readonly unchanged: { readonly engine: number; readonly floor: number }
  readonly incremental: number
}

interface Plan {
  readonly size: number
  readonly pageSize: number
  /** Which of the two goes first: alternates, so that neither always finds the warmer machine. */
  readonly engineFirst: boolean
}

/** Everything once, on a new database; each result is checked, so that nobody is fast by doing less. */
export async function runRound(server: BenchServer, plan: Plan): Promise<Round> {
  const url = await server.createDatabase(plan.size)
  const engine = await openEngine(url, plan.pageSize)
  const floor = await openFloor(url)
  try {
    return await measure(server, url, plan, engine, floor)
  } finally {
    await Promise.all([engine.close(), floor.close()])
    await server.drop(url)
  }
}

async function measure(
  server: BenchServer,
  url: string,
  plan: Plan,
  engine: Engine,
  floor: Floor,
): Promise<Round> {
  const { size, pageSize } = plan
  const first = await both(server, url, plan.engineFirst, {
    engine: async () => expectCounters(size, await engine.run('full'), 'inserted'),
    floor: async () => expectEqual('created by the floor', await floorFirst(floor, pageSize), size),
  })
  const unchanged = await both(server, url, plan.engineFirst, {
    engine: async () => expectCounters(size, await engine.run('full'), 'unchanged'),
    floor: async () =>
      expectEqual('the same for the floor', (await floorCompare(floor, pageSize)).same, size),
  })
  await server.settle(url)
  const incremental = await seconds(async () => expectCounters(0, await engine.run('modified'), 'unchanged'))
  return { first, unchanged, incremental }
}

async function both(
  server: BenchServer,
  url: string,
  engineFirst: boolean,
  work: { readonly engine: () => Promise<void>; readonly floor: () => Promise<void> },
): Promise<Round['first']> {
  const times = { engine: 0, floor: 0 }
  for (const who of engineFirst ? (['engine', 'floor'] as const) : (['floor', 'engine'] as const)) {
    await server.settle(url)
    times[who] = await seconds(work[who])
  }
  return times
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1_000
}

function expectCounters(size: number, job: { counters: Counters }, kind: 'inserted' | 'unchanged'): void {
  expectEqual('read', job.counters.read, size)
  expectEqual(kind, job.counters[kind], size)
}

function expectEqual(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`The bench is wrong: ${what} ${found}, expected ${expected}`)
}
