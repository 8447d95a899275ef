/** Interactive: somebody waits for the answer. Its requests go first and have a reserved share. */
export type RequestLane = 'interactive' | 'scheduled'

/** Says when the next request to one connection may leave; shared by all workers through the store. */
export interface RequestBudget {
  /**
   * Waits until the request fits into the budget of one identity. Rejects with the signal's reason when it is aborted
   * meanwhile, and with the store's SyncError when the budget cannot be reached. `mapping`: whose work it is, for
   * fairness; null: nobody's in particular. A permit is for one request, to be sent now.
   */
  acquire(request: {
    readonly lane: RequestLane
    readonly mapping: string | null
    readonly signal: AbortSignal
  }): Promise<RequestPermit>
}

export interface RequestPermit {
  /** The application user whose credentials sign this request. */
  readonly identity: string
  /** To be called exactly once, whatever became of the request; until then it counts as running. */
  release(answer: RequestAnswer): void
}

/** What the budget learns from an answer. */
export interface RequestAnswer {
  /** HTTP status; null: no answer came (connection lost, time-out, not sent). */
  readonly status: number | null
  /** From sending to the end of the answer. */
  readonly durationMs: number
  /** Of the header Retry-After; null without one. */
  readonly retryAfterMs: number | null
  /** `x-ms-dop-hint`: how many requests at once the server recommends; null without one. */
  readonly parallelismHint: number | null
  /** Which limit a throttled answer names (connectors.md A.10); null: none, or it does not say. */
  readonly facet: 'requests' | 'execution-time' | 'concurrency' | null
}
