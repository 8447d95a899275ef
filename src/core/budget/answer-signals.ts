import { type BackoffPolicy, backoffMs } from '../../lib/backoff.ts'
import type { BudgetSignals } from '../ports/budget-store.ts'
import type { RequestAnswer } from '../ports/request-budget.ts'

/** How long to hold when a refusal does not say. */
const HOLD: BackoffPolicy = { firstMs: 1_000, maxMs: 60_000 }
const TOO_MANY = 429
const UNAVAILABLE = 503
/** Too slow for the server or its gateway: less at once, but no reason to wait (connectors.md B.8). */
const tooSlow: ReadonlySet<number | null> = new Set([408, 504])

/** News for the other workers. */
type News = Pick<BudgetSignals, 'throttled' | 'overloaded'> & { readonly isUrgent: boolean }
const noNews: News = { throttled: [], overloaded: false, isUrgent: false }

/**
 * What the answers of one worker tell about the budget, until the other workers have been told: a hold that starts here
 * at once, and what was refused. News are told again when it is not sure that they have arrived.
 */
export class AnswerSignals {
  readonly #random: () => number
  #heldUntil = Number.NEGATIVE_INFINITY
  /** The hold that answers of this worker have called for: only that is told, or each telling would add its own delay. */
  #calledUntil = Number.NEGATIVE_INFINITY
  #news = noNews
  #told = noNews
  #hint: number | null = null
  /** Refusals one after the other, each of a request begun after the one before: they make the hold longer. */
  #refusals = 0
  #refusedAt = Number.NEGATIVE_INFINITY

  constructor(random: () => number) {
    this.#random = random
  }

  get heldUntil(): number {
    return this.#heldUntil
  }

  /** There is news that has not been told. */
  get isUrgent(): boolean {
    return this.#news.isUrgent
  }

  /** `startedAt`: when the request began. Monotonic clock, ms. */
  hear(answer: RequestAnswer, startedAt: number, now: number): void {
    const { status, retryAfterMs, parallelismHint, facet } = answer
    if (parallelismHint !== null) this.#hint = parallelismHint
    const isRefused = status === TOO_MANY || status === UNAVAILABLE
    if (isRefused || retryAfterMs !== null) this.#hold(retryAfterMs, startedAt, now)
    else if (status !== null && status < 400 && startedAt >= this.#refusedAt) this.#refusals = 0
    const overloaded = status === UNAVAILABLE || tooSlow.has(status)
    const throttled = status === TOO_MANY ? [facet] : []
    if (throttled.length === 0 && !overloaded && retryAfterMs === null) return
    this.#news = merged(this.#news, { throttled, overloaded, isUrgent: true })
  }

  /** What to tell now. */
  report(now: number): BudgetSignals {
    this.#told = merged(this.#told, this.#news)
    this.#news = noNews
    return {
      throttled: this.#told.throttled,
      overloaded: this.#told.overloaded,
      holdForMs: this.#told.isUrgent ? Math.max(0, this.#calledUntil - now) : 0,
      parallelismHint: this.#hint,
    }
  }

  /** The last report has arrived; `heldUntil`: until when all workers hold. */
  accept(heldUntil: number): void {
    this.#told = noNews
    this.#hint = null
    this.#heldUntil = Math.max(this.#heldUntil, heldUntil)
  }

  /** Without a time of the server's: longer with each refusal, once for all requests that were under way together. */
  #hold(retryAfterMs: number | null, startedAt: number, now: number): void {
    const isNew = startedAt >= this.#refusedAt
    if (isNew) {
      this.#refusals += 1
      this.#refusedAt = now
    }
    if (retryAfterMs === null && !isNew) return
    const holdMs = retryAfterMs ?? backoffMs(this.#refusals, HOLD, this.#random())
    this.#calledUntil = Math.max(this.#calledUntil, now + holdMs)
    this.#heldUntil = Math.max(this.#heldUntil, this.#calledUntil)
  }
}

function merged(a: News, b: News): News {
  return {
    throttled: [...new Set([...a.throttled, ...b.throttled])],
    overloaded: a.overloaded || b.overloaded,
    isUrgent: a.isUrgent || b.isUrgent,
  }
}
