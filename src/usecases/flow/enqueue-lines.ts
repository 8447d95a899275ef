import { toSyncError } from '../../core/errors.ts'
import type { Line, Run } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'

/**
 * Adds ready lines below the run's parent. When the queue has lost the parent, nothing is lost: the lines are ready in
 * the store, and the sweeper enqueues the run again (P1).
 */
export async function enqueueLines(
  run: Run,
  lines: readonly Line[],
  deps: Pick<Deps, 'queue' | 'log'>,
): Promise<void> {
  if (lines.length === 0) return
  try {
    await deps.queue.addLines(run, lines)
  } catch (error) {
    const failure = toSyncError(error)
    if (failure.kind !== 'transient') throw failure
    deps.log.warn({ err: failure, run: run.id }, 'Ready lines could not be enqueued; the sweeper will do it')
  }
}
