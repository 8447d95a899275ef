import type { BudgetLimits } from '../budget/limits.ts'
import type { BudgetState } from '../budget/state.ts'
import type { RequestAnswer } from './request-budget.ts'

/** What a worker tells and asks in one exchange. */
export interface BudgetReport {
  /** Unlike every other worker's, and new with every start. */
  readonly worker: string
  /** Requests begun, and their run time so far, since the worker's start: never smaller than before. */
  readonly requestsTotal: number
  readonly executionTotalMs: number
  /** Most requests that ran at once since the last report. */
  readonly running: number
  /** How long its requests last, ms: what they usually take, or the age of the oldest that is running. */
  readonly lastsMs: number
  /** What it keeps of its grant; the rest is given back, and not used from before the report is sent. */
  readonly keep: BudgetHolding
  /** What it wants on top. Slots: how many requests it would have running in all. */
  readonly want: BudgetHolding & {
    /** Mappings that wait: its weight against other workers, at least 1. */
    readonly mappings: number
  }
  readonly signals: BudgetSignals
}

/** What a worker may use: requests for all work and for interactive work only, run time, requests at once. */
export interface BudgetHolding {
  readonly requests: number
  readonly interactive: number
  readonly executionMs: number
  readonly slots: number
  readonly interactiveSlots: number
}

/** What answers have told since the last report. */
export interface BudgetSignals {
  /** Limits that throttled answers have named; null: a throttled answer that named none. */
  readonly throttled: readonly RequestAnswer['facet'][]
  /** The server was overloaded or too slow: 503, 504, 408. */
  readonly overloaded: boolean
  /** Nothing may be sent for so long from now on; 0: no need to hold. */
  readonly holdForMs: number
  readonly parallelismHint: number | null
}

/** What a worker holds after an exchange, counted from its report. */
export interface BudgetGrant extends BudgetHolding {
  /** How long it holds, measured from before the report was sent, by the worker's own monotonic clock. */
  readonly validForMs: number
  /** Nothing may be sent for so long. */
  readonly holdForMs: number
}

/** The state of one identity's budget, as read at a time. */
export interface StoredBudget {
  readonly identity: string
  readonly state: BudgetState
  /** The database's clock at the reading, ms. */
  readonly now: number
}

export interface BudgetStore {
  /**
   * Books what the worker has used and grants what it may use next, by the rule of `core/budget/exchange.ts` and the
   * database's clock. Exchanges of all workers happen one after another; one whose answer was lost may be repeated.
   */
  exchange(request: {
    readonly connectionId: number
    readonly identity: string
    readonly limits: BudgetLimits
    readonly report: BudgetReport
  }): Promise<BudgetGrant>
  /** The budgets of a connection, by identity. */
  readBudgets(connectionId: number): Promise<readonly StoredBudget[]>
}
