import type { Job, Line, RunState } from '../../core/sync/run.ts'

/**
 * How a run has ended whose lines are all done: failed when a line failed or was blocked, cancelled when one was
 * cancelled, and not plainly succeeded when a record failed, waits, is in conflict or was set aside.
 */
export function endState(
  lines: readonly Pick<Line, 'state'>[],
  jobs: readonly Pick<Job, 'counters'>[],
): RunState {
  if (lines.some(({ state }) => state === 'failed')) return 'failed'
  if (lines.some(({ state }) => state === 'cancelled')) return 'cancelled'
  if (lines.some(({ state }) => state === 'blocked')) return 'failed'
  const hasFailures = jobs.some(
    ({ counters }) => counters.failed + counters.waiting + counters.conflict + counters.skipped > 0,
  )
  return hasFailures ? 'succeeded-with-failures' : 'succeeded'
}
