import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, it, onTestFailed } from 'vitest'
import { loadConfig } from '../../src/app/config.ts'
import { type Context, openContext } from '../../src/app/context.ts'
import { createLog } from '../../src/app/logger.ts'
import type { Pair } from '../../src/core/ports/mapping-store.ts'
import { runIsDone } from '../../src/core/sync/run.ts'
import { startRun } from '../../src/usecases/flow/start-run.ts'
import { type Books, expectBalancedBooks, quiet, settleIntents } from '../support/crash-books.ts'
import { quickEnv } from '../support/crash-couplet.ts'
import { chooseSeed, seededRandom } from '../support/crash-random.ts'
import { customerMapping, startTestSystems, type TestSystems } from '../support/dynamics.ts'
import { importAll, queueKinds, request } from '../support/installation.ts'
import { freePort, waitFor } from '../support/servers.ts'
import { thisMachine } from '../support/this-machine.ts'
import { type ChaosPostgres, startChaosPostgres } from './chaos-postgres.ts'
import { startChaosRedis } from './chaos-redis.ts'
import { harms, healSystem, type Place, possibleHarms } from './faults.ts'
import { startFleet } from './fleet.ts'
import { employPeople, type People } from './people.ts'
import { formatCampaign } from './report.ts'

/** How many times harm is done; left out: each kind once, over Redis where there is one. */
const wanted = process.env['COUPLET_CHAOS_HARMS']
const queues = wanted === undefined ? queueKinds.slice(-1) : queueKinds

interface Scene {
  readonly place: Place
  readonly env: Readonly<Record<string, string>>
  readonly systems: TestSystems
  readonly people: People
  readonly pair: Pair
  readonly books: Books
  /** Everything a user has set: nothing of it may change. */
  readonly settings: () => Promise<unknown>
}

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function withContext<T>(scene: Pick<Scene, 'env'>, work: (context: Context) => Promise<T>): Promise<T> {
  const config = loadConfig({ ...scene.env, COUPLET_LOG_LEVEL: 'silent' })
  const context = await openContext(config, createLog(config))
  try {
    return await work(context)
  } finally {
    await context.close()
  }
}

async function openScene(queue: string, random: () => number): Promise<Scene> {
  const [postgres, systems, redis] = await Promise.all([
    startChaosPostgres(pause),
    startTestSystems(),
    queue === 'redis' ? startChaosRedis(pause) : null,
  ])
  closers.push(postgres.close, systems.close)
  if (redis) closers.push(redis.close)
  const env = {
    ...quickEnv,
    DATABASE_URL: postgres.url,
    QUEUE_URL: redis?.url ?? postgres.url,
    COUPLET_HOST: '127.0.0.1',
    COUPLET_PORT: String(await freePort()),
    COUPLET_LOG_LEVEL: 'warn',
    COUPLET_PRIVATE_NETWORKS: thisMachine,
  }
  const pair = await withContext({ env }, async (context) => {
    const { mappings, schedules } = context.deps.stores
    const soon = { maxServerRunMs: '500' }
    const made = await systems.savePair(mappings, { local: soon, remote: soon })
    await importAll(made, [customerMapping], context)
    await schedules.save(
      { pairId: made.id, name: 'every minute', everyMinutes: 1 },
      { by: 'test', reason: null },
    )
    return made
  })
  const fleet = startFleet(env, { worker: 3, scheduler: 2, api: 1 })
  closers.push(fleet.close)
  const { local, remote } = systems.systems
  return {
    place: {
      fleet,
      postgres,
      redis,
      systems: [new URL(local.url).origin, new URL(remote.url).origin],
      random,
      pause: async (ms) => void (await pause(ms)),
    },
    env,
    systems,
    people: await employPeople(systems.systems, random),
    pair,
    books: { store: { query: async <T>(sql: string) => ({ rows: await postgres.query<T>(sql) }) } },
    settings: () => readSettings(postgres),
  }
}

function readSettings(postgres: ChaosPostgres): Promise<unknown> {
  return Promise.all(
    [
      'SELECT name, kind, settings, enabled FROM couplet.connection ORDER BY id',
      'SELECT v::text AS row FROM couplet.mapping_version v ORDER BY 1',
      'SELECT name, version FROM couplet.table_mapping ORDER BY id',
      'SELECT name, kind, every_minutes, anchor_at, enabled, paused_by FROM couplet.schedule ORDER BY id',
    ].map((sql) => postgres.query(sql)),
  )
}

/** What another service does: asks for a run, and asks again, with the same key, until it has heard an answer. */
function createCaller({ env, place }: Pick<Scene, 'env' | 'place'>) {
  let key = ''
  let asked = 0
  const accepted = new Set<number>()
  const ask = async (kind: 'full' | 'modified', id: string): Promise<boolean> => {
    key ||= /cpl_\S+/.exec(place.fleet.said())?.[0] ?? ''
    const answer = await fetch(`http://127.0.0.1:${env['COUPLET_PORT']}/api/v1/runs`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'idempotency-key': id,
      },
      body: JSON.stringify({ kind }),
      signal: AbortSignal.timeout(5_000),
    })
    const body = (await answer.json()) as { run?: { id: number }; code?: string }
    if (body.run) accepted.add(body.run.id)
    return body.run !== undefined || body.code === 'FULL_SYNC_RUNNING'
  }
  return {
    accepted,
    async ask(kind: 'full' | 'modified'): Promise<void> {
      const id = `call-${asked++}`
      await waitFor('the API answers', () => ask(kind, id).catch(() => false), 90_000)
    },
  }
}

async function doHarm(
  { place, people }: Scene,
  caller: ReturnType<typeof createCaller>,
  names: readonly string[],
) {
  const done = new Map<string, number>()
  const { random } = place
  for (const name of names) {
    await people.work()
    // While somebody asks, harm is done all the same.
    const asking = random() < 0.4 ? caller.ask(random() < 0.2 ? 'full' : 'modified') : null
    await pause(random() * 500)
    await harms[name]?.(place)
    await people.work()
    await asking
    done.set(name, (done.get(name) ?? 0) + 1)
  }
  return done
}

function chooseHarms(possible: readonly string[], random: () => number): readonly string[] {
  if (wanted !== undefined)
    return Array.from(
      { length: Number(wanted) },
      () => possible[Math.floor(random() * possible.length)] ?? '',
    )
  const order = possible.map((name) => ({ name, at: random() }))
  return order.sort((a, b) => a.at - b.at).map(({ name }) => name)
}

/** The scene is repaired, what is left is done, and nothing is disturbed any more. */
async function comeToRest({ place, books, env, pair }: Scene): Promise<readonly string[]> {
  for (const url of place.systems) await healSystem(url)
  await quiet(books, 180_000)
  const run = async (kind: 'modified' | 'full') =>
    withContext({ env }, async (context) => {
      const { run } = await startRun(request(pair.id, kind), context.deps)
      return waitFor(
        `the end of the ${kind} run`,
        async () => {
          const details = await context.deps.stores.runs.getRun(run.id)
          return runIsDone(details.run.state) ? details : null
        },
        120_000,
      )
    })
  await run('modified')
  await settleIntents(books)
  await run('full')
  await settleIntents(books)
  const { jobs } = await run('full')
  return jobs
    .filter(({ counters }) => counters.read !== counters.unchanged)
    .map(
      ({ direction, counters }) => `P5: the last ${direction} job was not quiet: ${JSON.stringify(counters)}`,
    )
}

describe.each(queues)('a campaign of harm, over %s', (queue) => {
  it('P1–P5, P7, P10, P12: everything arrives once, nothing is stuck, and no setting has changed', async () => {
    const seed = chooseSeed()
    const random = seededRandom(seed)
    const scene = await openScene(queue, random)
    const { place, people, books } = scene
    onTestFailed(() => {
      process.stderr.write(`COUPLET_TEST_SEED=${seed}\n${place.fleet.lastLines()}\n`)
    })
    const settings = await scene.settings()
    const caller = createCaller(scene)
    await caller.ask('full')
    const done = await doHarm(scene, caller, chooseHarms(possibleHarms(place), random))
    const violations = [...(await comeToRest(scene))]
    const [runs] = await place.postgres.query<{ ids: number[]; n: number }>(
      'SELECT coalesce(array_agg(id::int), array[]::int[]) AS ids, count(*)::int AS n FROM couplet.run',
    )
    const [ledger] = await place.postgres.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM couplet.outcome',
    )
    for (const id of caller.accepted)
      if (!runs?.ids.includes(id)) violations.push(`P1: run ${id} was accepted and is not there`)
    const report = formatCampaign({
      seed,
      queue,
      harms: done,
      edits: people.edits(),
      runs: runs?.n ?? 0,
      outcomes: ledger?.n ?? 0,
      endedByThemselves: place.fleet.endedByThemselves(),
      violations,
    })
    if (wanted !== undefined) process.stdout.write(`\n${report}\n`)
    expect(violations).toEqual([])
    expect(await people.found('local')).toEqual(people.expected())
    expect(await people.found('remote')).toEqual(people.expected())
    expect((await books.store.query('SELECT code, message FROM couplet.issue')).rows).toEqual([])
    await expectBalancedBooks(books)
    expect(await scene.settings()).toEqual(settings)
    await withContext(scene, ({ backend }) =>
      waitFor('the schedule is alive', async () => {
        const alive = await backend.queues['couplet-schedules'].getJobSchedulers()
        return alive.length === 1 && Number(alive[0]?.next) > Date.now()
      }),
    )
  })
})
