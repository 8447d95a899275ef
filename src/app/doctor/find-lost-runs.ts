import type { Finding } from '../../core/doctor/finding.ts'
import { isLost, judgeRuns, type RunInQueue } from '../../core/doctor/judge-runs.ts'
import type { JobQueue } from '../../core/ports/job-queue.ts'
import { isRecoveryRun } from '../../core/ports/recovery-store.ts'
import type { QueueView } from '../../core/ports/run-store.ts'
import { runIsDone } from '../../core/sync/run.ts'
import type { Deps } from '../../usecases/deps.ts'
import { seemsStranded } from '../../usecases/flow/seems-stranded.ts'
import { isBeingEnqueued, linesInQueue, unfinishedRuns } from '../../usecases/flow/unfinished-runs.ts'

interface RunDeps extends Pick<Deps, 'stores' | 'clock'> {
  readonly queue: Pick<JobQueue, 'runState' | 'isParked' | 'lineState'>
  readonly newRunMs: number
}

/**
 * Compares the unfinished runs of the store with the jobs of the queue. What seems to be lost is looked at once more: a line may
 * have ended between the two questions.
 */
export async function findLostRuns(deps: RunDeps): Promise<Finding> {
  const suspects: number[] = []
  for await (const view of unfinishedRuns(deps))
    if (isLost(await lookAt(view, deps))) suspects.push(view.run.id)
  const found: RunInQueue[] = []
  for (const runId of suspects) {
    const now = await deps.stores.runs.getRun(runId)
    if (!runIsDone(now.run.state)) found.push(await lookAt(now, deps))
  }
  return judgeRuns(found)
}

async function lookAt(view: QueueView, deps: RunDeps): Promise<RunInQueue> {
  const { run, lines } = view
  const active = linesInQueue(lines)
  const jobs = await Promise.all(active.map((line) => deps.queue.lineState(line)))
  return {
    runId: run.id,
    job: await deps.queue.runState(run),
    isOfRecovery: isRecoveryRun(run),
    isStranded: await seemsStranded(view, deps),
    isNew: isBeingEnqueued(run, deps.clock.now(), deps.newRunMs),
    lines: active.map(({ mappingName }, index) => ({ mappingName, job: jobs[index] ?? 'missing' })),
  }
}
