import { FairQueue, type Waiting } from '../../core/budget/fair-queue.ts'
import { requestCost } from '../../core/budget/request-cost.ts'
import type { Demand } from '../../core/budget/worker-holding.ts'
import type { RequestBudget, RequestLane, RequestPermit } from '../../core/ports/request-budget.ts'
import { assert } from '../../lib/assert.ts'
import { onAbort } from '../../lib/on-abort.ts'
import { type AccountOwner, BudgetAccount, type SharedBudgetOptions } from './budget-account.ts'

/** The request budget of one connection in this process. */
export interface SharedBudget extends RequestBudget {
  /** Gives back what is not used. Nothing may wait any more. */
  close(): Promise<void>
}

interface Request {
  readonly start: (permit: RequestPermit) => void
  readonly fail: (reason: unknown) => void
}

const lanes: readonly RequestLane[] = ['interactive', 'scheduled']

/**
 * The budget of a connection, shared with all other processes through the store: requests are started out of grants, so
 * that not each of them asks the store, in a fair order, with the identity that has most left.
 */
export function createSharedBudget(options: SharedBudgetOptions): SharedBudget {
  const dispenser = new Dispenser(options)
  return {
    acquire: (request) => dispenser.acquire(request.lane, request.mapping, request.signal),
    close: () => dispenser.close(),
  }
}

class Dispenser implements AccountOwner {
  readonly #options: SharedBudgetOptions
  readonly #queue = new FairQueue<Request>()
  readonly #accounts: readonly BudgetAccount[]

  constructor(options: SharedBudgetOptions) {
    assert(options.identities.length > 0, 'a budget has an identity')
    this.#options = options
    this.#accounts = options.identities.map((identity) => new BudgetAccount(identity, options, this))
  }

  acquire(lane: RequestLane, mapping: string | null, signal: AbortSignal): Promise<RequestPermit> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const ignoreAbort = onAbort(signal, () => {
        this.#queue.remove(waiting)
        reject(signal.reason)
      })
      const item: Request = {
        start: (permit) => {
          ignoreAbort()
          resolve(permit)
        },
        fail: (reason) => {
          ignoreAbort()
          reject(reason)
        },
      }
      const waiting: Waiting<Request> = { item, lane, mapping }
      this.#queue.add(waiting)
      this.#dispense()
      this.#rouse(lane === 'interactive' && this.#queue.size('interactive') > 0)
    })
  }

  async close(): Promise<void> {
    await Promise.all(this.#accounts.map((account) => account.close()))
  }

  /** Held accounts leave the work to the others, if there are any. */
  demand(account: BudgetAccount): Demand {
    const open = this.#openAccounts()
    if (!open.includes(account)) return { scheduled: 0, interactive: 0, mappings: 0 }
    return {
      scheduled: Math.ceil(this.#queue.size('scheduled') / open.length),
      interactive: Math.ceil(this.#queue.size('interactive') / open.length),
      mappings: this.#queue.mappings,
    }
  }

  onGrant(): void {
    this.#dispense()
  }

  /** Without the store nobody knows what is left: what waits fails as its work would. */
  onFailure(error: unknown): void {
    for (const waiting of this.#queue.all()) {
      this.#queue.remove(waiting)
      waiting.item.fail(error)
    }
  }

  /** Starts what may start, in the order of the queue. */
  #dispense(): void {
    for (const lane of lanes) {
      for (let next = this.#queue.next(lane); next !== null; next = this.#queue.next(lane)) {
        const account = this.#findAccount(lane)
        if (account === null) break
        this.#start(next, account)
      }
    }
  }

  #start(waiting: Waiting<Request>, account: BudgetAccount): void {
    const { limits, clock } = this.#options
    const { holding, identity } = account
    const expected = requestCost(holding.usualMs, limits)
    const started = holding.start(waiting.lane, clock.monotonicMs())
    this.#queue.take(waiting, expected)
    let isReleased = false
    waiting.item.start({
      identity,
      release: (answer) => {
        assert(!isReleased, 'a permit is released once')
        isReleased = true
        holding.finish(started, answer, clock.monotonicMs())
        this.#queue.finished(waiting, requestCost(answer.durationMs, limits) - expected)
        if (holding.isUrgent) account.rouse(true)
        this.#dispense()
        if (this.#queue.size('scheduled') + this.#queue.size('interactive') > 0) this.#rouse(false)
      },
    })
  }

  #findAccount(lane: RequestLane): BudgetAccount | null {
    const now = this.#options.clock.monotonicMs()
    return this.#accounts
      .filter(({ holding }) => holding.canStart(lane, now))
      .reduce<BudgetAccount | null>(
        (most, account) => (most === null || account.holding.left > most.holding.left ? account : most),
        null,
      )
  }

  #rouse(isUrgent: boolean): void {
    for (const account of this.#openAccounts()) account.rouse(isUrgent)
  }

  /** The accounts that may send, or all when none may. */
  #openAccounts(): readonly BudgetAccount[] {
    const open = this.#accounts.filter((account) => !account.isHeld)
    return open.length > 0 ? open : this.#accounts
  }
}
