import type { RequestAnswer } from '../ports/request-budget.ts'

/** How many records go into one request. */
export interface BatchLimits {
  readonly floor: number
  /** The system's own limit, or a smaller one of ours. */
  readonly ceiling: number
  /** A request that takes longer is not followed by a larger one. */
  readonly targetMs: number
  /** Records added after a full request that was fast enough. */
  readonly step: number
}

/** What became of one request with so many records. */
export interface BatchAnswer extends Pick<RequestAnswer, 'status' | 'durationMs'> {
  readonly records: number
  /** No answer came in time. */
  readonly timedOut: boolean
}

/** "Ask for less" (connectors.md B.8): body too large, took too long here, took too long at the gateway. */
const tooMuch: ReadonlySet<number | null> = new Set([413, 408, 504])

/**
 * The size of the next request after one has ended: half of what was too much, never below the floor; a step more after
 * a full one that met the target time; a step less, in proportion, after a slow one. Other failures say nothing about
 * the size. Answers of requests that were sent before the size was halved are judged by their own number of records, so
 * that ten of them at once halve it once.
 */
export function nextBatchSize(size: number, answer: BatchAnswer, limits: BatchLimits): number {
  const { records, durationMs, status } = answer
  if (answer.timedOut || tooMuch.has(status)) {
    return clamp(Math.min(size, Math.floor(records / 2)), limits)
  }
  if (status === null || status >= 400) return clamp(size, limits)
  if (durationMs > limits.targetMs) {
    const fitting = Math.floor((records * limits.targetMs) / durationMs)
    return clamp(Math.min(size, Math.max(fitting, size - limits.step)), limits)
  }
  return clamp(records >= size ? size + limits.step : size, limits)
}

function clamp(size: number, { floor, ceiling }: BatchLimits): number {
  return Math.max(floor, Math.min(ceiling, size))
}
