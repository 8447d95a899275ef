import { toSyncError } from '../../core/errors.ts'
import { runPriority } from '../../core/jobs/priority.ts'
import { isRecoveryRun, recoveryLease } from '../../core/ports/recovery-store.ts'
import type { QueueView } from '../../core/ports/run-store.ts'
import { plainOptions, type Run } from '../../core/sync/run.ts'
import { sweepOperations } from '../bulk/sweep-operations.ts'
import type { Deps } from '../deps.ts'
import { restingMappings } from '../schedules/resting-mappings.ts'
import { settleSchedules } from '../schedules/settle-schedules.ts'
import { requestLine } from './plan-run.ts'
import { reviveLines } from './run-parent.ts'
import { seemsStranded } from './seems-stranded.ts'
import { storeAndEnqueue } from './start-run.ts'
import { isBeingEnqueued, linesInQueue, unfinishedRuns } from './unfinished-runs.ts'

const BATCH = 200

export interface SweepReport {
  readonly runsEnqueued: number
  readonly linesEnqueued: number
  readonly operationsEnqueued: number
  readonly wakeUps: number
}

/**
 * Makes the queue hold what the store says must happen (P1, P10): runs, lines and operations that no queue job will go on with
 * are enqueued again under a new generation, mappings with due records get a run, pauses and questions end, recurring jobs are restored, slots
 * that nobody has settled are.
 * `schedules: false`: schedules are left to a service. Never removes a queue job. Safe to run in several processes at once: a job too many finds nothing to do.
 */
export async function sweep(
  deps: Deps,
  signal: AbortSignal,
  { schedules = true } = {},
): Promise<SweepReport> {
  let runsEnqueued = 0
  let linesEnqueued = 0
  for await (const view of unfinishedRuns(deps)) {
    const swept = await sweepRun(view, deps)
    runsEnqueued += swept.run
    linesEnqueued += swept.lines
  }
  const operationsEnqueued = await sweepOperations(deps)
  const wakeUps = await wakeMappings(deps)
  await deps.stores.control.endPauses()
  await deps.stores.operations.expireQuestions()
  if (schedules) await sweepSchedules(deps, signal)
  return { runsEnqueued, linesEnqueued, operationsEnqueued, wakeUps }
}

/** Slots become runs in the store also while the queue is out of reach. Last, because it may ask the systems. */
async function sweepSchedules(deps: Deps, signal: AbortSignal): Promise<void> {
  const schedules = await deps.stores.schedules.list()
  const failure = await deps.queue.reconcileSchedules(schedules).then(() => null, toSyncError)
  await settleSchedules(deps, signal)
  if (failure !== null) throw failure
}

async function sweepRun({ run, lines }: QueueView, deps: Deps): Promise<{ run: number; lines: number }> {
  try {
    if (isRecoveryRun(run) && run.cancelledBy === null) return await endRecoveryRun(run, deps)
    const isLive = (await deps.queue.runState(run)) === 'live'
    if (isLive && !(await seemsStranded({ run, lines }, deps)))
      return { run: 0, lines: await reviveLines(run, lines, deps) }
    if (!isLive && isBeingEnqueued(run, deps.clock.now(), deps.settings.newRunMs)) return { run: 0, lines: 0 }
    return { run: (await enqueueAnew({ run, lines }, deps)) ? 1 : 0, lines: 0 }
  } catch (error) {
    deps.log.warn(
      { err: toSyncError(error), run: run.id },
      'The run could not be swept; the next sweep tries again',
    )
    return { run: 0, lines: 0 }
  }
}

/**
 * No queue job stands for it. Where its recovery has died it is cancelled, so that its lines do not seem to see to their mappings;
 * what of it had begun ends like that of every run.
 */
async function endRecoveryRun({ id }: Run, { stores }: Deps): Promise<{ run: number; lines: number }> {
  if (!(await stores.leases.isHeld(recoveryLease)))
    await stores.runs.cancelRun(id, { by: 'sweeper', reason: 'The recovery that carried it out is gone' })
  return { run: 0, lines: 0 }
}

/**
 * A new parent needs new children: jobs of the old generation would not be waited for. They find nothing to do. False
 * when the run has a new generation already, or has ended: of two that saw the same one acts.
 */
async function enqueueAnew({ run, lines }: QueueView, deps: Deps): Promise<boolean> {
  const generation = await deps.stores.runs.raiseRunGeneration(run)
  if (generation === null) return false
  deps.log.warn({ run: run.id }, 'No queue job will go on with the run; enqueueing it again')
  const active = []
  for (const line of linesInQueue(lines)) {
    const raised = await deps.stores.runs.raiseLineGeneration(line)
    if (raised !== null) active.push({ ...line, generation: raised })
  }
  await deps.queue.addRun({ ...run, generation }, active)
  return true
}

/** Requests, due issues and unfinished pages that no line stands for get a run of their own; of a mapping that rests, only requests do. */
async function wakeMappings(deps: Deps): Promise<number> {
  const orphaned = await deps.stores.operations.listMappingsWithOrphanedWork({
    limit: BATCH,
    resting: [...(await restingMappings(deps))],
  })
  for (const { pairId, mappingId } of orphaned) {
    const mapping = await deps.stores.mappings.getMappingById(mappingId)
    if (!mapping.definition.enabled) continue
    await storeAndEnqueue(
      {
        pairId,
        kind: 'records',
        options: plainOptions,
        requestedBy: 'sweeper',
        reason: 'Records are due',
        priority: runPriority('scheduled'),
        idempotencyKey: null,
        payloadHash: null,
        scheduleId: null,
        slot: null,
        lines: [requestLine(mapping, 1, [])],
      },
      deps,
    )
  }
  return orphaned.length
}
