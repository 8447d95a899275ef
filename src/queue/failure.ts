import { SyncError } from '../core/errors.ts'
import { unreachable } from '../lib/assert.ts'
import { type BackoffPolicy, backoffMs } from '../lib/backoff.ts'

export interface FailureFacts {
  /** 1 for the first try. */
  readonly attempt: number
  /** Starts so far that spent no attempt: postponed, stalled, waited for children. */
  readonly freeStarts: number
  /** The process is shutting down and has asked the job to stop. */
  readonly isAborted: boolean
  readonly backoff: BackoffPolicy
  /** In [0, 1). */
  readonly random: number
}

/** retry spends an attempt; later does not; stop ends the job whatever attempts are left. */
export type FailureAction =
  | { readonly action: 'retry'; readonly delayMs: number }
  | { readonly action: 'later'; readonly delayMs: number }
  | { readonly action: 'stop' }

const lostLeasePolicy: BackoffPolicy = { firstMs: 1_000, maxMs: 1_000 }
/** A job that has started this often for free pays for a lost lease with an attempt: it cannot go on for ever (P10). */
export const maxFreeStarts = 100

/** What the queue does with a job that threw: the only place where an error kind becomes queue behaviour (§5.4). */
export function decideFailure(error: unknown, facts: FailureFacts): FailureAction {
  const kind = error instanceof SyncError ? error.kind : 'bug'
  const retryAfterMs = (error instanceof SyncError ? error.retryAfterMs : undefined) ?? 0
  switch (kind) {
    case 'permanent':
    case 'conflict':
    case 'config':
      return { action: 'stop' }
    case 'waiting':
      return later(
        facts,
        Math.max(retryAfterMs, backoffMs(facts.freeStarts + 1, facts.backoff, facts.random)),
      )
    case 'lost-lease':
      if (facts.freeStarts >= maxFreeStarts) return retry(facts, retryAfterMs)
      return later(facts, Math.max(retryAfterMs, backoffMs(1, lostLeasePolicy, facts.random)))
    case 'transient':
    case 'bug':
      return facts.isAborted ? later(facts, 0) : retry(facts, retryAfterMs)
    default:
      return unreachable(kind)
  }
}

function retry(facts: FailureFacts, atLeastMs: number): FailureAction {
  return {
    action: 'retry',
    delayMs: Math.max(atLeastMs, backoffMs(facts.attempt, facts.backoff, facts.random)),
  }
}

/** A job that stops because its process does is free for the next worker at once. */
function later(facts: FailureFacts, delayMs: number): FailureAction {
  return { action: 'later', delayMs: facts.isAborted ? 0 : delayMs }
}
