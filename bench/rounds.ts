import type { Counters } from '../src/core/sync/outcome.ts'
import { type BothWays, measureBothWays } from './both-ways.ts'
import { type Engine, openEngine } from './engine.ts'
import { type Floor, floorFirst, openFloor } from './floor.ts'
import { floorCompare } from './floor-compare.ts'
import { type Contest, expectEqual, openContest, seconds, type Times } from './measure.ts'
import type { BenchServer } from './server.ts'

/** Seconds of one round. */
export interface Round extends BothWays {
  readonly first: Times
  readonly unchanged: Times
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
    const contest = openContest(server, url, plan.engineFirst)
    const oneWay = await measure(contest, plan, engine, floor)
    return { ...oneWay, ...(await measureBothWays({ contest, ...plan, engine, floor })) }
  } finally {
    await Promise.all([engine.close(), floor.close()])
    await server.drop(url)
  }
}

async function measure(
  contest: Contest,
  { size, pageSize }: Plan,
  engine: Engine,
  floor: Floor,
): Promise<Omit<Round, keyof BothWays>> {
  const first = await contest.both({
    engine: async () => expectCounters(size, await engine.run('full'), 'inserted'),
    floor: async () => expectEqual('created by the floor', await floorFirst(floor, pageSize), size),
  })
  const unchanged = await contest.both({
    engine: async () => expectCounters(size, await engine.run('full'), 'unchanged'),
    floor: async () =>
      expectEqual('the same for the floor', (await floorCompare(floor, pageSize)).same, size),
  })
  await contest.settle()
  const incremental = await seconds(async () => expectCounters(0, await engine.run('modified'), 'unchanged'))
  return { first, unchanged, incremental }
}

function expectCounters(size: number, counters: Counters, kind: 'inserted' | 'unchanged'): void {
  expectEqual('read', counters.read, size)
  expectEqual(kind, counters[kind], size)
}
