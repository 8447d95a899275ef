import { type BatchAnswer, type BatchLimits, nextBatchSize } from '../../core/budget/batch-size.ts'

/** How many records go into the next request of a kind; learns from each answer, for all tables of a connection. */
export class BatchSize {
  private readonly limits: BatchLimits
  private current: number

  constructor(limits: BatchLimits & { readonly first: number }) {
    this.limits = limits
    this.current = Math.min(limits.ceiling, Math.max(limits.floor, limits.first))
  }

  get size(): number {
    return this.current
  }

  learn(answer: BatchAnswer): void {
    this.current = nextBatchSize(this.current, answer, this.limits)
  }
}
