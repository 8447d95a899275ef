import { toSyncError } from '../../core/errors.ts'
import type { JobQueue } from '../../core/ports/job-queue.ts'
import type { NewRun } from '../../core/ports/run-store.ts'
import type { Line, Run } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { planRun, type RunRequest } from './plan-run.ts'

/** What hands a run to the queue. */
export interface StartDeps extends Pick<Deps, 'stores' | 'log'> {
  readonly queue: Pick<JobQueue, 'addRun'>
}

/** Plans a run, stores it, and only then hands it to the queue: a lost queue loses nothing (P1). */
export async function startRun(
  request: RunRequest,
  deps: StartDeps,
): Promise<{ run: Run; created: boolean }> {
  const same = await deps.stores.runs.findSameRun(request)
  if (same) return { run: same, created: false }
  const mappings = await deps.stores.mappings.listMappings(request.pairId)
  return storeAndEnqueue(planRun(request, mappings), deps)
}

/** Stores a planned run and enqueues it. The same idempotency key or schedule slot gives the run that exists. */
export async function storeAndEnqueue(
  planned: NewRun,
  deps: StartDeps,
): Promise<{ run: Run; created: boolean }> {
  const { run, created, lines } = await deps.stores.runs.createRun(planned)
  if (created) await enqueueRun(run, lines, deps)
  return { run, created }
}

/** Hands a stored run to the queue; one that cannot be reached now is no error, because the sweeper comes by. */
export async function enqueueRun(
  run: Run,
  lines: readonly Line[],
  deps: Pick<StartDeps, 'queue' | 'log'>,
): Promise<void> {
  try {
    await deps.queue.addRun(
      run,
      lines.filter((line) => line.state === 'ready'),
    )
  } catch (error) {
    const failure = toSyncError(error)
    if (failure.kind !== 'transient') throw failure
    deps.log.warn(
      { err: failure, run: run.id },
      'The run is stored but could not be enqueued; the sweeper will do it',
    )
  }
}
