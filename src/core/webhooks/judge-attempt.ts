import { backoffMs } from '../../lib/backoff.ts'
import type { EventType } from './event.ts'

const pauses = { firstMs: 10_000, maxMs: 6 * 3_600_000 }
const DAY_MS = 86_400_000
const GONE = 410

/** What came of sending one message: an answer with its status, or the code of the failure. */
export type AttemptResult =
  | { readonly status: number; readonly code: null; readonly retryAfterMs: number | null }
  | { readonly status: null; readonly code: string }

export interface AttemptFacts {
  readonly type: EventType
  readonly result: AttemptResult
  /** Attempts since the message was first owed, or asked for again; this one counted. */
  readonly tries: number
  /** For how long it has been owed. */
  readonly owedMs: number
  /** For how long nothing has reached the receiver; null: until now everything has. */
  readonly failingMs: number | null
  /** After how many days of failures a message, and its receiver, is given up. */
  readonly giveUpDays: number
  /** In [0, 1), for the jitter. */
  readonly random: number
}

export interface AttemptVerdict {
  readonly next: 'delivered' | 'failed' | { readonly inMs: number }
  /** Nothing more is sent to this receiver, if by now nothing has reached it for so long; null: it goes on. */
  readonly disables: Disabling | null
}

export interface Disabling {
  readonly reason: string
  readonly failingMs: number
}

/**
 * What becomes of a message after an attempt, and of its receiver. Only 2xx counts as taken. Tried again later and later over days,
 * and never before the receiver has said; 410 means that nobody wants it any more (Standard Webhooks). A test is sent once.
 */
export function judgeAttempt(facts: AttemptFacts): AttemptVerdict {
  const { type, result, tries, owedMs, failingMs, giveUpDays, random } = facts
  if (result.status !== null && result.status >= 200 && result.status < 300) {
    return { next: 'delivered', disables: null }
  }
  if (type === 'webhook.test') return { next: 'failed', disables: null }
  if (result.status === GONE)
    return { next: 'failed', disables: { reason: 'It has answered 410 Gone', failingMs: 0 } }
  const limitMs = giveUpDays * DAY_MS
  const disables =
    failingMs !== null && failingMs >= limitMs
      ? { reason: `Nothing has reached it for ${giveUpDays} days`, failingMs: limitMs }
      : null
  if (owedMs >= limitMs) return { next: 'failed', disables }
  const asked = result.status === null ? 0 : Math.min(result.retryAfterMs ?? 0, pauses.maxMs)
  return { next: { inMs: Math.max(asked, backoffMs(tries, pauses, random)) }, disables }
}
