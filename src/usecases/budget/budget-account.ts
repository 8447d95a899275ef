import { holdsNothing } from '../../core/budget/exchange.ts'
import { type BudgetLimits, type BudgetTiming, budgetTiming } from '../../core/budget/limits.ts'
import { type Demand, WorkerHolding } from '../../core/budget/worker-holding.ts'
import type { BudgetStore } from '../../core/ports/budget-store.ts'
import type { Clock } from '../../core/ports/runtime.ts'

/** What a shared budget works with. */
export interface SharedBudgetOptions {
  readonly connectionId: number
  /** Application users of the connection, used in rotation; each has a budget of its own. */
  readonly identities: readonly string[]
  readonly limits: BudgetLimits
  readonly store: Pick<BudgetStore, 'exchange'>
  /** Names this process; must be new with every start. */
  readonly worker: string
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** A number in [0, 1) for jitter. */
  readonly random: () => number
  /** Resolves after so many milliseconds, or early when the signal is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}

/** The budget that an account belongs to. */
export interface AccountOwner {
  /** What waits for this account. */
  demand(account: BudgetAccount): Demand
  /** New permits may be had. */
  onGrant(): void
  onFailure(error: unknown): void
}

/** How many exchange times a held account lets pass between two looks at the hold. */
const HELD_EXCHANGES = 4

/**
 * One identity's part of a shared budget in this process, and the loop that exchanges it with the store: while there is
 * work, once in each exchange time, sooner on urgent news. Without work everything is given back, and the loop ends.
 */
export class BudgetAccount {
  readonly identity: string
  readonly holding: WorkerHolding
  readonly #options: SharedBudgetOptions
  readonly #owner: AccountOwner
  readonly #timing: BudgetTiming
  readonly #closing = new AbortController()
  #loop: Promise<void> | null = null
  #wake = new AbortController()
  #isUrgent = false
  /** The last exchange gave everything back. */
  #isDormant = true

  constructor(identity: string, options: SharedBudgetOptions, owner: AccountOwner) {
    this.identity = identity
    this.holding = new WorkerHolding(options.worker, options.limits, options.random)
    this.#options = options
    this.#owner = owner
    this.#timing = budgetTiming(options.limits)
  }

  get isHeld(): boolean {
    return this.holding.heldUntil > this.#now()
  }

  /** Makes sure that the loop runs; `isUrgent`: the next exchange does not wait for its time. */
  rouse(isUrgent: boolean): void {
    if (this.#closing.signal.aborted) return
    if (isUrgent || this.#isDormant) {
      this.#isUrgent = true
      this.#wake.abort()
    }
    this.#loop ??= this.#run()
  }

  /** Ends the loop and gives back what is left; running requests stay booked until their grant ends. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#wake.abort()
    await this.#loop
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        await this.#exchange()
        this.#owner.onGrant()
        if (this.#closing.signal.aborted || (this.#isDormant && !this.#isUrgent)) break
        await this.#pause()
      }
    } catch (error) {
      this.#owner.onFailure(error)
    } finally {
      this.#loop = null
    }
  }

  async #exchange(): Promise<void> {
    this.#isUrgent = false
    const { store, connectionId, limits } = this.#options
    const askedAt = this.#now()
    const demand = this.#closing.signal.aborted ? null : this.#owner.demand(this)
    const report = this.holding.report(demand, askedAt)
    this.#isDormant = holdsNothing(report)
    const grant = await store.exchange({ connectionId, identity: this.identity, limits, report })
    this.holding.accept(grant, report, askedAt, this.#now())
  }

  async #pause(): Promise<void> {
    const { exchangeMs, spacingMs } = this.#timing
    await this.#options.wait(spacingMs, this.#closing.signal)
    if (this.#isUrgent || this.#closing.signal.aborted) return
    this.#wake = new AbortController()
    const heldMs = Math.min(this.holding.heldUntil - this.#now(), HELD_EXCHANGES * exchangeMs)
    await this.#options.wait(Math.max(exchangeMs - spacingMs, heldMs), this.#wake.signal)
  }

  #now(): number {
    return this.#options.clock.monotonicMs()
  }
}
