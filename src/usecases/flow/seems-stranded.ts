import type { JobQueue } from '../../core/ports/job-queue.ts'
import type { QueueView } from '../../core/ports/run-store.ts'
import { lineIsDone } from '../../core/sync/run.ts'
import { isStranded } from '../../core/sync/stranded-run.ts'
import type { Deps } from '../deps.ts'

interface LookDeps extends Pick<Deps, 'stores'> {
  readonly queue: Pick<JobQueue, 'lineState' | 'isParked'>
}

/** Whether the living parent of the run waits for lines that have all ended, so that nothing will ever wake it. */
export async function seemsStranded(before: QueueView, { stores, queue }: LookDeps): Promise<boolean> {
  if (before.lines.some(({ state }) => !lineIsDone(state))) return false
  const jobs = await Promise.all(before.lines.map((line) => queue.lineState(line)))
  const isParked = await queue.isParked(before.run)
  return isParked && isStranded({ before, jobs, isParked, after: await stores.runs.getRun(before.run.id) })
}
