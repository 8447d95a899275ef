/** What the other system grants one identity (connectors.md A.10, B.8). */
export interface BudgetLimits {
  /** Length of the sliding window of requests and execution time, ms. */
  readonly windowMs: number
  /** Requests in any window. */
  readonly requests: number
  /** Summed run time of requests in any window, ms; null: not limited. */
  readonly executionMs: number | null
  /** Requests that may run at once. */
  readonly concurrency: number
}

/** The limits one by one; the words of `RequestAnswer.facet`. */
export const budgetFacets = ['requests', 'execution-time', 'concurrency'] as const
export type BudgetFacet = (typeof budgetFacets)[number]

/** Share of each limit that scheduled work leaves to interactive work. */
export const RESERVED_SHARE = 0.05

/** Times of the budget, ms; they follow from the window, so that a scaled window scales all of them. */
export interface BudgetTiming {
  /** Usage is remembered in pieces of this length. */
  readonly bucketMs: number
  /** A worker at work reports and is granted anew once in this time. */
  readonly exchangeMs: number
  /** Two exchanges of one worker and identity are at least so far apart, however urgent. */
  readonly spacingMs: number
  /** A grant may be used for so long after its exchange. */
  readonly validMs: number
  /** The requests of a worker that has fallen silent are taken to run for so long at most after the end of its grant. */
  readonly lingerMs: number
  /** What is free beyond half of a window may be spent in this time: small work need not walk at the long-term pace. */
  readonly burstMs: number
}

/** With a window of five minutes: buckets of 5 s, an exchange each 500 ms. */
export function budgetTiming({ windowMs }: Pick<BudgetLimits, 'windowMs'>): BudgetTiming {
  return {
    bucketMs: windowMs / 60,
    exchangeMs: windowMs / 600,
    spacingMs: windowMs / 2_000,
    validMs: windowMs / 100,
    lingerMs: windowMs / 10,
    burstMs: windowMs / 10,
  }
}
