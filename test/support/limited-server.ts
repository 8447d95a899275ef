import type { BudgetLimits } from '../../src/core/budget/limits.ts'
import type { RequestAnswer } from '../../src/core/ports/request-budget.ts'
import type { VirtualScheduler } from './virtual-scheduler.ts'

type Answer = Omit<RequestAnswer, 'durationMs'>
const fine: Answer = { status: 200, retryAfterMs: null, parallelismHint: null, facet: null }

interface Entry {
  readonly at: number
  readonly amount: number
}

/** Amounts of the last window. */
class SlidingSum {
  readonly #windowMs: number
  #entries: Entry[] = []
  #first = 0
  sum = 0

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  add(at: number, amount: number): void {
    this.forget(at)
    this.#entries.push({ at, amount })
    this.sum += amount
  }

  forget(now: number): void {
    for (let entry = this.#entries[this.#first]; entry && entry.at <= now - this.#windowMs; ) {
      this.sum -= entry.amount
      this.#first += 1
      entry = this.#entries[this.#first]
    }
    if (this.#first < 10_000) return
    this.#entries = this.#entries.slice(this.#first)
    this.#first = 0
  }

  /** When the oldest amount leaves the window. */
  nextLeaves(): number {
    return (this.#entries[this.#first]?.at ?? 0) + this.#windowMs
  }
}

/** What one application user has done to the server. */
class User {
  readonly requests: SlidingSum
  readonly execution: SlidingSum
  /** All that was sent, refused requests as well. */
  readonly offered: SlidingSum
  running = 0

  constructor(windowMs: number) {
    this.requests = new SlidingSum(windowMs)
    this.execution = new SlidingSum(windowMs)
    this.offered = new SlidingSum(windowMs)
  }
}

/** A server with exact sliding windows for each user (connectors.md A.10), in virtual time. */
export class LimitedServer {
  limits: BudgetLimits
  readonly #scheduler: VirtualScheduler
  readonly #users = new Map<string, User>()
  accepted = 0
  refused = 0
  executedMs = 0
  /** Integral of the number of running requests over time, ms. */
  busyMs = 0
  /** Largest part of each limit that was ever asked for. */
  readonly most = { requests: 0, execution: 0, concurrency: 0 }
  /** Answers with this status instead of the right one, while set. */
  fails: { readonly status: number; readonly retryAfterMs: number | null } | null = null
  hint: number | null = null

  constructor(limits: BudgetLimits, scheduler: VirtualScheduler) {
    this.limits = limits
    this.#scheduler = scheduler
  }

  async send(name: string, durationMs: number, thereMs: number, backMs: number): Promise<Answer> {
    await this.#scheduler.wait(thereMs)
    const user = this.#user(name)
    const refusal = this.fails ? { ...fine, ...this.fails } : this.#refuse(user)
    if (refusal) this.refused += 1
    else await this.#execute(user, durationMs)
    await this.#scheduler.wait(backMs)
    return { ...(refusal ?? fine), parallelismHint: this.hint }
  }

  async #execute(user: User, durationMs: number): Promise<void> {
    user.running += 1
    await this.#scheduler.wait(durationMs)
    user.running -= 1
    this.accepted += 1
    this.executedMs += durationMs
    this.busyMs += durationMs
    user.execution.add(this.#scheduler.now, durationMs)
  }

  /** Counts the request and says whether it is one too many. */
  #refuse(user: User): Answer | null {
    const { requests, executionMs, concurrency } = this.limits
    const now = this.#scheduler.now
    for (const sum of [user.requests, user.execution]) sum.forget(now)
    user.offered.add(now, 1)
    this.most.requests = Math.max(this.most.requests, user.offered.sum / requests)
    this.most.concurrency = Math.max(this.most.concurrency, (user.running + 1) / concurrency)
    if (executionMs) this.most.execution = Math.max(this.most.execution, user.execution.sum / executionMs)
    if (user.running >= concurrency) return refusal('concurrency', 1_000)
    if (user.requests.sum >= requests) return refusal('requests', user.requests.nextLeaves() - now)
    if (executionMs && user.execution.sum >= executionMs) {
      return refusal('execution-time', user.execution.nextLeaves() - now)
    }
    user.requests.add(now, 1)
    return null
  }

  #user(name: string): User {
    const user = this.#users.get(name) ?? new User(this.limits.windowMs)
    this.#users.set(name, user)
    return user
  }
}

/** Retry-After comes in whole seconds. */
function refusal(facet: Answer['facet'], ms: number): Answer {
  return { status: 429, facet, retryAfterMs: Math.ceil(ms / 1_000) * 1_000, parallelismHint: null }
}
