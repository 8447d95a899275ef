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

/** One kind of harm: ends when it is repaired. */
export type Harm = (place: Place) => Promise<void>

/** Longer than a lease and longer than a queue job may go unheard. */
const FROZEN_MS = 2_500
const AWAY_MS = 1_500

const killed =
  (role: Role): Harm =>
  ({ fleet, random }) =>
    fleet.kill(role, random())

const frozen =
  (role: Role): Harm =>
  async ({ fleet, random, pause }) => {
    const process = fleet.freeze(role, random())
    await pause(FROZEN_MS)
    fleet.thaw(process)
  }

/** Of one of the systems, until it is used up or the campaign goes on. */
const systemFault =
  (...faults: readonly object[]): Harm =>
  async (place) => {
    const url = place.systems[place.random() < 0.5 ? 0 : 1]
    await admin(url, 'faults', faults)
    await place.pause(AWAY_MS)
    await admin(url, 'faults/release', [])
    await healSystem(url)
  }

const requests = { part: false }

/** By name, as the report shows them. */
export const harms: Readonly<Record<string, Harm>> = {
  'a worker is killed': killed('worker'),
  'a worker is frozen': frozen('worker'),
  'a scheduler is killed': killed('scheduler'),
  'a scheduler is frozen': frozen('scheduler'),
  'the API is killed': killed('api'),
  'Postgres is restarted': ({ postgres }) => postgres.restart('SIGINT', 300),
  'Postgres crashes': ({ postgres }) => postgres.restart('SIGQUIT', 300),
  'all connections to Postgres are cut': async ({ postgres }) => postgres.cutConnections(),
  'Postgres has no room': async ({ postgres, pause }) => {
    await postgres.setReadOnly(true)
    await pause(AWAY_MS)
    await postgres.setReadOnly(false)
  },
  'Redis is killed and started again': async ({ redis }) => redis?.restart('data', 300),
  'Redis comes back without its data': async ({ redis }) => redis?.restart('nothing', 300),
  'Redis is flushed': async ({ redis }) => redis?.flush(),
  'Redis cannot be reached': async ({ redis, pause }) => {
    redis?.setReachable(false)
    await pause(AWAY_MS)
    redis?.setReachable(true)
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
  'the clock of a system is wrong': async ({ systems, random, pause }) => {
    const url = systems[random() < 0.5 ? 0 : 1]
    await admin(url, 'clock', { skewMs: Math.round((random() - 0.5) * 40_000) })
    await pause(AWAY_MS)
    await admin(url, 'clock', { skewMs: 0 })
  },
}

/** The names of the harms that this place can suffer. */
export function possibleHarms({ redis }: Pick<Place, 'redis'>): readonly string[] {
  return Object.keys(harms).filter((name) => redis !== null || !name.startsWith('Redis'))
}

/** Whatever is left of the faults of a system. */
export async function healSystem(url: string): Promise<void> {
  await fetch(`${url}/_admin/faults`, { method: 'DELETE' })
}

async function admin(url: string, path: string, body: object): Promise<void> {
  const answer = await fetch(`${url}/_admin/${path}`, { method: 'POST', body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
}
