import type { ErrorCode } from '../../core/errors.ts'
import { type BackoffPolicy, backoffMs } from '../../lib/backoff.ts'

export interface RetryPolicy {
  readonly maxAttempts: number
  /** Longest time one request waits for its repetitions altogether; longer waits are left to the job. */
  readonly patienceMs: number
  readonly backoff: BackoffPolicy
}

/** How an attempt ended: with an answer, or with an error and the word whether the server may have carried it out. */
export type AttemptEnd =
  | { readonly status: number; readonly retryAfterMs: number | null }
  | { readonly code: ErrorCode; readonly mayHaveRun: boolean }

export interface RetryFacts {
  /** Attempts made so far, at least 1. */
  readonly attempt: number
  /** Sending it twice is as good as sending it once. */
  readonly isRepeatable: boolean
  readonly hasSignedInAgain: boolean
  readonly waitedMs: number
  /** In [0, 1). */
  readonly random: number
}

export type RetryDecision =
  | { readonly again: false }
  | { readonly again: true; readonly afterMs: number; readonly signInAgain: boolean }

const no: RetryDecision = { again: false }

/**
 * The one rule about repeating a request (connectors.md A.1, A.10, B.8, D). 401: once, signed in anew; 429: nothing was
 * carried out, so again when the server says; 502 and 503: again where repeating is harmless. 408, 504 and time-outs mean
 * "ask for less", so the caller decides; 500 speaks about the request. A lost connection: again where nothing was sent, or
 * where repeating is harmless.
 */
export function decideRetry(end: AttemptEnd, facts: RetryFacts, policy: RetryPolicy): RetryDecision {
  if ('status' in end && end.status === 401) {
    return facts.hasSignedInAgain ? no : { again: true, afterMs: 0, signInAgain: true }
  }
  if (facts.attempt >= policy.maxAttempts || !mayRepeat(end, facts.isRepeatable)) return no
  const said = 'status' in end ? end.retryAfterMs : null
  const afterMs = said ?? backoffMs(facts.attempt, policy.backoff, facts.random)
  return facts.waitedMs + afterMs > policy.patienceMs ? no : { again: true, afterMs, signInAgain: false }
}

/** SERVICE_FAILED is thrown where the sign-in service fails, before the request itself has left. */
const lost: readonly ErrorCode[] = [
  'HOST_UNKNOWN',
  'CONNECTION_REFUSED',
  'CONNECT_TIMEOUT',
  'CONNECTION_INTERRUPTED',
  'SERVICE_FAILED',
]

function mayRepeat(end: AttemptEnd, isRepeatable: boolean): boolean {
  if ('code' in end) return lost.includes(end.code) && (isRepeatable || !end.mayHaveRun)
  if (end.status === 429) return true
  return isRepeatable && (end.status === 502 || end.status === 503)
}

/** Milliseconds of a `Retry-After` header, in seconds or as a date; null when it is absent or means nothing. */
export function retryAfterMs(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null
  if (/^\s*\d{1,7}(\.\d{1,3})?\s*$/.test(header)) return Math.ceil(Number(header) * 1_000)
  // Date.parse takes a lone number for a year.
  const date = /^\s*[a-z]/i.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime())
}
