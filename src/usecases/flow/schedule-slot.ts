import { toSyncError } from '../../core/errors.ts'
import type { JobContext, Verdict } from '../../core/jobs/catalog.ts'
import type { Schedule } from '../../core/ports/operations-store.ts'
import type { Deps } from '../deps.ts'
import type { RunRequest } from './plan-run.ts'
import { startRun } from './start-run.ts'
import { unfinishedRuns } from './unfinished-runs.ts'

/**
 * One slot of a schedule: plans its run. (schedule, slot) is unique, so a slot delivered twice, or by two schedulers,
 * is one run; a full synchronization that is still running is not started again, the slot is merged into it.
 */
export async function runScheduleSlot(
  ids: { scheduleId: number },
  context: JobContext,
  deps: Deps,
): Promise<Verdict> {
  const schedule = await deps.stores.operations.getSchedule(ids.scheduleId)
  if (schedule === null || !schedule.enabled || (await isMappingDisabled(schedule, deps)))
    return { verdict: 'done' }
  if (await isStillRunning(schedule.id, deps)) {
    deps.log.info(
      { schedule: schedule.name },
      'The last run of the schedule has not finished; the slot is merged into it',
    )
    return { verdict: 'done' }
  }
  const slot = new Date(context.slotMs ?? deps.clock.now().getTime()).toISOString()
  try {
    await startRun(slotRequest(schedule, slot), deps)
  } catch (error) {
    if (toSyncError(error).code !== 'FULL_SYNC_RUNNING') throw error
    deps.log.info({ schedule: schedule.name, err: error }, 'The slot is merged into the run that is going on')
  }
  return { verdict: 'done' }
}

function slotRequest(schedule: Schedule, slot: string): RunRequest {
  return {
    pairId: schedule.pairId,
    kind: schedule.kind,
    mapping: schedule.mapping,
    keepCreating: 'no',
    requestedBy: 'schedule',
    reason: schedule.name,
    idempotencyKey: null,
    payloadHash: null,
    scheduleId: schedule.id,
    slot,
  }
}

/** A disabled mapping rests; its schedule stays as it is and goes on when the mapping is enabled again. */
async function isMappingDisabled(schedule: Schedule, deps: Deps): Promise<boolean> {
  if (schedule.mapping === null) return false
  const mapping = await deps.stores.mappings.getMapping(schedule.pairId, schedule.mapping)
  if (mapping.definition.enabled) return false
  deps.log.info(
    { schedule: schedule.name, mapping: schedule.mapping },
    'The mapping is disabled; the slot is left out',
  )
  return true
}

async function isStillRunning(scheduleId: number, deps: Deps): Promise<boolean> {
  for await (const { run } of unfinishedRuns(deps)) if (run.scheduleId === scheduleId) return true
  return false
}
