import type { ChildProcess } from 'node:child_process'
import { waitFor } from '../support/servers.ts'
import type { ChaosPostgres } from './chaos-postgres.ts'
import type { ChaosRedis } from './chaos-redis.ts'
import type { Fleet, Role } from './fleet.ts'

/** Everything a campaign can do harm to. */
export interface Place {
  readonly fleet: Fleet
  readonly postgres: ChaosPostgres
  /** Null: the queue is in Postgres too. */
  readonly redis: ChaosRedis | null
  /** Addresses of both simulated systems. */
  readonly systems: readonly [string, string]
  readonly random: () => number
  readonly pause: (ms: number) => Promise<void>
}

type Act = (place: Place) => Promise<void>

/** One kind of harm. */
export interface Harm {
  /** Harm of one kind at a time is done to it; null: as much as comes. */
  readonly to: 'Postgres' | 'Redis' | 'systems' | null
  /** Ends when it is repaired. */
  readonly act: Act
}

/** Longer than any lease, that of the leading scheduler too, and longer than a queue job may go unheard. */
const FROZEN_MS = 2_500
const AWAY_MS = 1_500

/** Nothing here is precise to the second; doctor warns from 5 s on. */
const WRONG_MS = 20_000

const killed = (role: Role): Harm => ({ to: null, act: ({ fleet, random }) => fleet.kill(role, random()) })

const frozen = (choose: (place: Place) => ChildProcess | Promise<ChildProcess>): Harm => ({
  to: null,
  async act(place) {
    const process = await choose(place)
    place.fleet.freeze(process)
    await place.pause(FROZEN_MS)
    place.fleet.thaw(process)
  },
})

const anyOf =
  (role: Role) =>
  ({ fleet, random }: Place) =>
    fleet.choose(role, random())

/** The store may be away at this moment, or nobody lead. */
const theLeader = ({ fleet, postgres }: Place) =>
  waitFor('a scheduler that leads', async () => {
    const sql = `SELECT holder FROM couplet.lease WHERE resource = 'scheduler/leader' AND expires_at > clock_timestamp()`
    const [lease] = await postgres.query<{ holder: string }>(sql).catch(() => [])
    return lease && fleet.find(Number(lease.holder.split('/').at(-1)))
  })

/** Of one of the systems, until it is used up or the campaign goes on. */
const systemFault = (...faults: readonly object[]): Harm => ({
  to: 'systems',
  async act(place) {
    const url = place.systems[place.random() < 0.5 ? 0 : 1]
    await admin(url, 'faults', faults)
    await place.pause(AWAY_MS)
    await admin(url, 'faults/release', [])
    await healSystem(url)
  },
})

const wrongBy = (random: () => number) => Math.round((random() - 0.5) * 2 * WRONG_MS)

const requests = { part: false }

/** By name, as the report shows them. */
export const harms: Readonly<Record<string, Harm>> = {
  'a worker is killed': killed('worker'),
  'a worker is frozen': frozen(anyOf('worker')),
  'a scheduler is killed': killed('scheduler'),
  'a scheduler is frozen': frozen(anyOf('scheduler')),
  'the leading scheduler is frozen, and another one leads': frozen(theLeader),
  'the API is killed': killed('api'),
  'the API is frozen': frozen(anyOf('api')),
  'the clock of a process is wrong': {
    to: null,
    async act({ fleet, random, pause }) {
      const process = fleet.any(random())
      fleet.setClock(process, wrongBy(random))
      await pause(AWAY_MS)
      fleet.setClock(process, 0)
    },
  },
  'Postgres is restarted': { to: 'Postgres', act: ({ postgres }) => postgres.restart('SIGINT', 300) },
  'Postgres crashes': { to: 'Postgres', act: ({ postgres }) => postgres.restart('SIGQUIT', 300) },
  'all connections to Postgres are cut': {
    to: 'Postgres',
    act: async ({ postgres }) => postgres.cutConnections(),
  },
  'Postgres has no room': {
    to: 'Postgres',
    async act({ postgres, pause }) {
      await postgres.setReadOnly(true)
      await pause(AWAY_MS)
      await postgres.setReadOnly(false)
    },
  },
  'Redis is killed and started again': { to: 'Redis', act: async ({ redis }) => redis?.restart('data', 300) },
  'Redis comes back without its data': {
    to: 'Redis',
    act: async ({ redis }) => redis?.restart('nothing', 300),
  },
  'Redis is flushed': { to: 'Redis', act: async ({ redis }) => redis?.flush() },
  'Redis cannot be reached': {
    to: 'Redis',
    async act({ redis, pause }) {
      redis?.setReachable(false)
      await pause(AWAY_MS)
      redis?.setReachable(true)
    },
  },
  'a system throttles': systemFault({
    kind: 'status',
    status: 429,
    retryAfter: 1,
    times: 6,
    match: requests,
  }),
  'a system is out of order': systemFault(
    { kind: 'status', status: 503, times: 4, match: requests },
    { kind: 'status', status: 504, times: 4, match: requests },
  ),
  'a system does what it was asked and does not say so': systemFault({
    kind: 'reset',
    when: 'after',
    times: 3,
    match: { ...requests, writes: true },
  }),
  'a system cuts connections': systemFault(
    { kind: 'reset', when: 'before', times: 3, match: requests },
    { kind: 'reset', when: 'middle', times: 3, match: requests },
  ),
  'a write arrives late': systemFault({ kind: 'late', times: 2, match: { ...requests, writes: true } }),
  'a system is slow': systemFault({ kind: 'latency', ms: 400, times: null, match: requests }),
  'all tokens expire': systemFault({ kind: 'expire-tokens', times: 1, match: requests }),
  'the clock of a system is wrong': {
    to: 'systems',
    async act({ systems, random, pause }) {
      const url = systems[random() < 0.5 ? 0 : 1]
      await admin(url, 'clock', { skewMs: wrongBy(random) })
      await pause(AWAY_MS)
      await admin(url, 'clock', { skewMs: 0 })
    },
  },
}

/** The names of the harms that this place can suffer. */
export function possibleHarms({ redis }: Pick<Place, 'redis'>): readonly string[] {
  return Object.keys(harms).filter((name) => redis !== null || harms[name]?.to !== 'Redis')
}

/** Whatever is left of the faults of a system. */
export async function healSystem(url: string): Promise<void> {
  await fetch(`${url}/_admin/faults`, { method: 'DELETE' })
}

async function admin(url: string, path: string, body: object): Promise<void> {
  const answer = await fetch(`${url}/_admin/${path}`, { method: 'POST', body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
}
