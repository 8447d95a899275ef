import { setTimeout as pause } from 'node:timers/promises'
import { loadConfig } from '../../src/app/config.ts'
import { type Context, openContext } from '../../src/app/context.ts'
import { createLog } from '../../src/app/logger.ts'
import type { Pair } from '../../src/core/ports/mapping-store.ts'
import type { Books } from '../support/crash-books.ts'
import { quickEnv } from '../support/crash-couplet.ts'
import { startTestSystems } from '../support/dynamics.ts'
import { importAll } from '../support/installation.ts'
import { freePort } from '../support/servers.ts'
import { thisMachine } from '../support/this-machine.ts'
import { type Caller, createCaller } from './caller.ts'
import { startChaosPostgres } from './chaos-postgres.ts'
import { startChaosRedis } from './chaos-redis.ts'
import { type Contests, createContests } from './contests.ts'
import type { Place } from './faults.ts'
import { startFleet } from './fleet.ts'
import { chaosMappings } from './mappings.ts'
import { employPeople, type People } from './people.ts'

/** An installation at work, everybody who has to do with it, and what harm can be done to. */
export interface Scene {
  readonly place: Place
  readonly env: Readonly<Record<string, string>>
  readonly people: People
  readonly contests: Contests
  readonly caller: Caller
  readonly pair: Pair
  readonly books: Books
}

/** More than any clock of the campaign is wrong by; the least that a connection to Dataverse takes. */
const OVERLAP = { local: '60', remote: '120' }

/** What has to be closed is put into `closers`, also when the rest fails. */
export async function openScene(
  queue: string,
  random: () => number,
  closers: (() => Promise<void>)[],
): Promise<Scene> {
  const wait = async (ms: number) => void (await pause(ms))
  const [postgres, systems, redis] = await Promise.all([
    startChaosPostgres(wait),
    startTestSystems(),
    queue === 'redis' ? startChaosRedis(wait) : null,
  ])
  closers.push(postgres.close, systems.close)
  if (redis) closers.push(redis.close)
  const port = String(await freePort())
  const env = {
    ...quickEnv,
    DATABASE_URL: postgres.url,
    QUEUE_URL: redis?.url ?? postgres.url,
    COUPLET_HOST: '127.0.0.1',
    COUPLET_PORT: port,
    COUPLET_LOG_LEVEL: 'warn',
    COUPLET_PRIVATE_NETWORKS: thisMachine,
  }
  const pair = await withContext(env, async (context) => {
    const { mappings, schedules } = context.deps.stores
    const soon = { maxServerRunMs: '500' }
    const made = await systems.savePair(mappings, {
      local: { ...soon, overlapSeconds: OVERLAP.local },
      remote: { ...soon, overlapSeconds: OVERLAP.remote },
    })
    await importAll(made, chaosMappings, context)
    await schedules.save(
      { pairId: made.id, name: 'every minute', everyMinutes: 1 },
      { by: 'test', reason: null },
    )
    return made
  })
  const fleet = startFleet(env, { worker: 3, scheduler: 2, api: 1 })
  closers.push(fleet.close)
  const caller = createCaller({ port, said: fleet.said })
  const books = { store: { query: async <T>(sql: string) => ({ rows: await postgres.query<T>(sql) }) } }
  const people = await employPeople(systems.systems, random)
  const { local, remote } = systems.systems
  const origins = [new URL(local.url).origin, new URL(remote.url).origin] as const
  return {
    place: { fleet, postgres, redis, systems: origins, random, pause: wait },
    env,
    people,
    contests: createContests(systems.systems, people.customers.contested, {
      caller,
      books,
      random,
      pause: wait,
    }),
    caller,
    pair,
    books,
  }
}

/** Couplet itself, as a process that looks on. */
export async function withContext<T>(env: Scene['env'], work: (context: Context) => Promise<T>): Promise<T> {
  const config = loadConfig({ ...env, COUPLET_LOG_LEVEL: 'silent' })
  const context = await openContext(config, createLog(config))
  try {
    return await work(context)
  } finally {
    await context.close()
  }
}

/** Everything a user has set: nothing of it may change. */
export async function readSettings({ place }: Scene): Promise<unknown> {
  const settings = []
  for (const sql of [
    'SELECT name, kind, settings, enabled FROM couplet.connection ORDER BY id',
    'SELECT v::text AS row FROM couplet.mapping_version v ORDER BY 1',
    'SELECT name, version FROM couplet.table_mapping ORDER BY id',
    'SELECT name, kind, every_minutes, anchor_at, enabled, paused_by FROM couplet.schedule ORDER BY id',
  ])
    settings.push(await place.postgres.query(sql))
  return settings
}
