import type { Clock } from '../../core/ports/runtime.ts'
import type { Line, Run } from '../../core/sync/run.ts'

/** Between the beginnings of two runs for single records of one mapping, in one process. */
const PACE_MS = 250

/** What a line is waited with, so that requests that come meanwhile join its run. */
export interface RequestPace {
  /** Milliseconds until the line may begin; 0: it begins, which counts from now on. */
  take(run: Pick<Run, 'kind'>, line: Pick<Line, 'mappingId' | 'startedAt'>): number
}

/**
 * A run for one record costs nearly what a run for a hundred does: of services that ask record by record, those are taken together
 * that ask within a moment. The first one of them never waits.
 */
export function createRequestPace(clock: Pick<Clock, 'monotonicMs'>): RequestPace {
  const begun = new Map<number, number>()
  return {
    take({ kind }, { mappingId, startedAt }) {
      if (kind !== 'records' || startedAt !== null) return 0
      const nowMs = clock.monotonicMs()
      const waitMs = (begun.get(mappingId) ?? -Infinity) + PACE_MS - nowMs
      if (waitMs > 0) return Math.ceil(waitMs)
      begun.set(mappingId, nowMs)
      return 0
    },
  }
}
