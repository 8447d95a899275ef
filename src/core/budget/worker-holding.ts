import type { BudgetGrant, BudgetHolding, BudgetReport } from '../ports/budget-store.ts'
import type { RequestAnswer, RequestLane } from '../ports/request-budget.ts'
import { AnswerSignals } from './answer-signals.ts'
import type { BudgetLimits } from './limits.ts'
import { RunningRequests, type StartedRequest } from './running-requests.ts'

/** What waits for permits in this worker. */
export interface Demand {
  readonly scheduled: number
  readonly interactive: number
  /** Mappings among them. */
  readonly mappings: number
}

const nothing: BudgetHolding = {
  requests: 0,
  interactive: 0,
  executionMs: 0,
  slots: 0,
  interactiveSlots: 0,
}
/** What a worker asks for beyond what it has seen used: the first requests of new work need not wait for the next exchange. */
const AHEAD = 4

/**
 * What one worker holds of one identity's budget, between two exchanges: says whether a request may start, and what to
 * report. Times are milliseconds of the worker's monotonic clock. While a report is under way only what it keeps is
 * used, so that nothing is used twice, whether or not its answer arrives.
 */
export class WorkerHolding {
  readonly #worker: string
  readonly #limits: BudgetLimits
  readonly #running = new RunningRequests()
  readonly #signals: AnswerSignals
  #held = nothing
  /** Run time may be used until the worker's total reaches this. */
  #executionUntil = 0
  #validUntil = Number.NEGATIVE_INFINITY
  /** Requests begun: since the worker's start, and of each kind since the last report. */
  #begun = 0
  #scheduledSince = 0
  #interactiveSince = 0

  constructor(worker: string, limits: BudgetLimits, random: () => number) {
    this.#worker = worker
    this.#limits = limits
    this.#signals = new AnswerSignals(random)
  }

  /** Nothing may be sent before; in the past when there is no hold. */
  get heldUntil(): number {
    return this.#signals.heldUntil
  }

  /** An answer has told something that the other workers should know at once. */
  get isUrgent(): boolean {
    return this.#signals.isUrgent
  }

  /** What a request usually takes, ms. */
  get usualMs(): number {
    return this.#running.usualMs
  }

  canStart(lane: RequestLane, now: number): boolean {
    if (now >= this.#validUntil || now < this.heldUntil) return false
    const { requests, interactive, slots, interactiveSlots } = this.#held
    if (this.#running.count >= slots + interactiveSlots) return false
    if (lane === 'interactive') return requests + interactive > 0
    return requests > 0 && this.#running.scheduled < slots && this.#hasTime(now)
  }

  /** How much may still start: identities take turns by it. */
  get left(): number {
    return this.#held.requests + this.#held.interactive
  }

  /** Takes one request out of the grant; `canStart` must hold. */
  start(lane: RequestLane, now: number): StartedRequest {
    const ofInteractive = lane === 'interactive' && this.#held.interactive > 0
    this.#begun += 1
    if (ofInteractive) {
      this.#interactiveSince += 1
      this.#held = { ...this.#held, interactive: this.#held.interactive - 1 }
    } else {
      this.#scheduledSince += 1
      this.#held = { ...this.#held, requests: this.#held.requests - 1 }
    }
    return this.#running.start(lane, now)
  }

  finish(request: StartedRequest, answer: RequestAnswer, now: number): void {
    this.#running.finish(request, answer)
    this.#signals.hear(answer, request.startedAt, now)
  }

  /**
   * The report of an exchange; from now on only what it keeps may be used, until `accept`. `demand` null: nothing will be
   * used any more.
   */
  report(demand: Demand | null, now: number): BudgetReport {
    const wanted = this.#wanted(demand, now)
    const executionTotalMs = this.#running.countMs(now)
    this.#held = this.#kept(wanted, executionTotalMs, now)
    this.#executionUntil = executionTotalMs + this.#held.executionMs
    this.#scheduledSince = 0
    this.#interactiveSince = 0
    return {
      worker: this.#worker,
      requestsTotal: this.#begun,
      executionTotalMs,
      running: this.#running.takePeak(),
      lastsMs: Math.max(this.usualMs, this.#running.oldestMs(now)),
      keep: this.#held,
      want: {
        ...wanted,
        requests: wanted.requests - this.#held.requests,
        interactive: wanted.interactive - this.#held.interactive,
        executionMs: wanted.executionMs - this.#held.executionMs,
      },
      signals: this.#signals.report(now),
    }
  }

  /** Takes over the answer to a report that was made at `askedAt`, less what was used since. */
  accept(grant: BudgetGrant, report: BudgetReport, askedAt: number, now: number): void {
    this.#held = {
      requests: Math.max(0, grant.requests - this.#scheduledSince),
      interactive: Math.max(0, grant.interactive - this.#interactiveSince),
      executionMs: 0,
      slots: grant.slots,
      interactiveSlots: grant.interactiveSlots,
    }
    this.#executionUntil = report.executionTotalMs + grant.executionMs
    this.#validUntil = askedAt + grant.validForMs
    this.#signals.accept(now + grant.holdForMs)
  }

  /** What it could use until the next exchange: what waits, and again what it has used since the last one. */
  #wanted(demand: Demand | null, now: number): BudgetReport['want'] {
    const running = this.#running
    const used = this.#scheduledSince + this.#interactiveSince
    const { scheduled, interactive, mappings } = demand ?? { scheduled: 0, interactive: 0, mappings: 0 }
    const isAtWork = demand !== null && scheduled + used > 0
    const requests = isAtWork ? scheduled + 2 * used + AHEAD : 0
    const slots = isAtWork ? running.peakScheduled + scheduled + 1 : running.scheduled
    return {
      requests,
      interactive,
      executionMs: this.#limits.executionMs === null ? 0 : requests * running.usualMs + running.openMs(now),
      slots: Math.min(slots, this.#limits.concurrency),
      interactiveSlots: interactive + running.interactive,
      mappings,
    }
  }

  /** What it keeps of what it holds: no more than it wants, and the slots that are in use. */
  #kept(wanted: BudgetHolding, executionTotalMs: number, now: number): BudgetHolding {
    const isValid = now < this.#validUntil
    const held = isValid ? this.#held : nothing
    const leftMs = isValid ? Math.max(0, this.#executionUntil - executionTotalMs) : 0
    const slots = Math.max(this.#running.scheduled, Math.min(held.slots, wanted.slots))
    return {
      requests: Math.min(held.requests, wanted.requests),
      interactive: Math.min(held.interactive, wanted.interactive),
      executionMs: Math.min(leftMs, wanted.executionMs),
      slots,
      interactiveSlots: Math.max(
        0,
        this.#running.count - slots,
        Math.min(held.interactiveSlots, wanted.interactiveSlots),
      ),
    }
  }

  /** Run time is left beyond what the running requests are expected to need. */
  #hasTime(now: number): boolean {
    if (this.#limits.executionMs === null) return true
    return this.#executionUntil - this.#running.totalMs(now) - this.#running.openMs(now) > 0
  }
}
