import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { Schedule } from '../../core/schedules/schedule.ts'
import { scheduleUnknown } from '../../core/schedules/schedule-errors.ts'
import type { Deps } from '../deps.ts'
import type { RunRequest } from '../flow/plan-run.ts'
import { pausedMappings } from './rests-because.ts'

/**
 * The run of a slot. Mappings that are paused are left out, so that nobody waits for them: when they are resumed, the next run
 * brings what they have missed.
 */
export async function scheduledRun(
  schedule: Schedule,
  slot: string,
  deps: Pick<Deps, 'stores'>,
): Promise<RunRequest> {
  const paused = schedule.mapping === null ? await pausedMappings(schedule.pairId, deps) : []
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
    choices: Object.fromEntries(paused.map(({ definition }) => [definition.name, 'leave out'])),
  }
}

/** The mappings a schedule is about, as far as they are enabled. */
export async function mappingsOf(
  { pairId, mapping }: Pick<Schedule, 'pairId' | 'mapping'>,
  { stores }: Pick<Deps, 'stores'>,
): Promise<readonly StoredMapping[]> {
  const all = await stores.mappings.listMappings(pairId)
  return all.filter(
    ({ definition }) => definition.enabled && (mapping === null || definition.name === mapping),
  )
}

/** Throws SCHEDULE_UNKNOWN. */
export async function getSchedule(
  { pairId, name }: { pairId: number; name: string },
  { stores }: Pick<Deps, 'stores'>,
): Promise<Schedule> {
  const found = (await stores.schedules.list()).find((each) => each.pairId === pairId && each.name === name)
  if (found !== undefined) return found
  throw scheduleUnknown(name)
}
