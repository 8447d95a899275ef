import { setTimeout as delay } from 'node:timers/promises'
import { SyncError, toSyncError } from '../core/errors.ts'
import { withoutCredentials } from '../lib/credentials.ts'
import type { Deps } from '../usecases/deps.ts'

const HEALTH_TIMEOUT_MS = 3_000

interface PartHealth {
  readonly status: 'ok' | 'failing'
  readonly code?: string
  readonly message?: string
  readonly remedy?: string
}

/** Whether this process can work, and if not, what is wrong with which part. */
export interface Readiness {
  readonly status: 'ok' | 'failing'
  readonly store: PartHealth
  readonly queue: PartHealth
}

/** Asks the store alone: while it answers, requests are taken and kept, also where the queue is away (P1). */
export function checkStore(
  deps: Pick<Deps, 'stores' | 'log'>,
  timeoutMs: number = HEALTH_TIMEOUT_MS,
): Promise<PartHealth> {
  return checkPart('store', () => deps.stores.access.hasApiKeys(), deps, timeoutMs)
}

/** Asks store and queue, and does not wait for an answer longer than the time-out. */
export async function checkReadiness(
  deps: Pick<Deps, 'stores' | 'queue' | 'log'>,
  timeoutMs: number = HEALTH_TIMEOUT_MS,
): Promise<Readiness> {
  const [store, queue] = await Promise.all([
    checkStore(deps, timeoutMs),
    checkPart('queue', () => deps.queue.check(), deps, timeoutMs),
  ])
  return { status: store.status === 'ok' && queue.status === 'ok' ? 'ok' : 'failing', store, queue }
}

/** Asks one part, and logs what is wrong with it. */
export async function checkPart(
  part: string,
  reach: () => Promise<unknown>,
  { log }: Pick<Deps, 'log'>,
  timeoutMs: number,
): Promise<PartHealth> {
  try {
    await inTime(part, reach, timeoutMs)
    return { status: 'ok' }
  } catch (error) {
    const failure = toSyncError(error)
    log.warn({ err: failure, part }, 'A part cannot be reached')
    const message = failure.code === 'INTERNAL' ? 'Unexpected error, see the log' : failure.message
    return {
      status: 'failing',
      code: failure.code,
      message: withoutCredentials(message),
      remedy: failure.remedy,
    }
  }
}

/** What a part answers; throws CONNECTION_INTERRUPTED when it says nothing for so long, as a frozen server does. */
export async function inTime<T>(part: string, reach: () => Promise<T>, timeoutMs: number): Promise<T> {
  const limit = new AbortController()
  try {
    return await Promise.race([reach(), silence(part, timeoutMs, limit.signal)])
  } finally {
    limit.abort()
  }
}

/** Throws when the time is over; nobody hears it where somebody has answered before. */
async function silence(part: string, timeoutMs: number, answered: AbortSignal): Promise<never> {
  await delay(timeoutMs, undefined, { signal: answered })
  throw new SyncError('CONNECTION_INTERRUPTED', `The ${part} has not answered within ${timeoutMs} ms`)
}
