import { SyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import type { ScheduleWrite } from '../../core/ports/schedule-store.ts'
import { checkTiming } from '../../core/schedules/check-timing.ts'
import type { Schedule, ScheduleSettings, Timing } from '../../core/schedules/schedule.ts'
import { scheduleExists } from '../../core/schedules/schedule-errors.ts'
import type { Run } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { startRun } from '../flow/start-run.ts'
import { getSchedule, scheduledRun } from './scheduled-run.ts'
import { usualAnchor } from './usual-anchor.ts'

type PlanDeps = Pick<Deps, 'stores' | 'clock'>
type ChangeDeps = PlanDeps & Pick<Deps, 'queue' | 'log'>
type Named = Pick<Schedule, 'pairId' | 'name'>

/** What a schedule is when nothing else is said. */
const defaults = {
  kind: 'modified',
  mapping: null,
  enabled: true,
  everyMinutes: null,
  cron: null,
  timeZone: 'UTC',
  weekdays: null,
  windowFrom: null,
  windowTo: null,
  expiresAt: null,
  overlap: 'merge',
  catchUp: 'once',
  inactivityMinutes: 0,
  calendar: null,
} as const satisfies Omit<ScheduleSettings, 'anchorAt'>

/** A schedule as it would be stored. */
export interface PlannedSchedule {
  readonly write: ScheduleWrite
  /** When it would run. */
  readonly timing: Timing
}

/** What `addSchedule` would store. Throws SCHEDULE_EXISTS, SCHEDULE_INVALID, MAPPING_UNKNOWN. */
export async function planNewSchedule(
  named: Named,
  settings: Partial<ScheduleSettings>,
  deps: PlanDeps,
): Promise<PlannedSchedule> {
  const { pairId, name } = named
  const all = await deps.stores.schedules.list()
  if (all.some((each) => each.pairId === pairId && each.name === name)) throw scheduleExists(name)
  const anchorAt = settings.anchorAt ?? usualAnchor(deps.clock.now())
  const whole = { ...defaults, ...settings, anchorAt }
  return { write: { ...named, ...whole }, timing: await checkSettings(pairId, whole, deps) }
}

/** Makes a schedule. Throws SCHEDULE_EXISTS, SCHEDULE_INVALID, MAPPING_UNKNOWN. */
export async function addSchedule(
  named: Named,
  settings: Partial<ScheduleSettings>,
  act: Act,
  deps: ChangeDeps,
): Promise<Schedule> {
  const { write } = await planNewSchedule(named, settings, deps)
  return publish(deps, () => deps.stores.schedules.save(write, act, 'new'))
}

/** What `changeSchedule` would store. Throws SCHEDULE_UNKNOWN, SCHEDULE_INVALID, MAPPING_UNKNOWN. */
export async function planScheduleChange(
  named: Named,
  changes: Partial<ScheduleSettings>,
  deps: PlanDeps,
): Promise<PlannedSchedule> {
  const before = await getSchedule(named, deps)
  const rate = {
    ...(changes.cron ? { everyMinutes: null } : {}),
    ...(changes.everyMinutes ? { cron: null } : {}),
  }
  const timing = await checkSettings(named.pairId, { ...before, ...rate, ...changes }, deps)
  return { write: { ...named, ...rate, ...changes }, timing }
}

/**
 * Changes what is given and nothing else; a cron expression takes the place of an interval, and the other way round. Throws
 * SCHEDULE_UNKNOWN, SCHEDULE_INVALID, MAPPING_UNKNOWN.
 */
export async function changeSchedule(
  named: Named,
  changes: Partial<ScheduleSettings>,
  act: Act,
  deps: ChangeDeps,
): Promise<Schedule> {
  const { write } = await planScheduleChange(named, changes, deps)
  return publish(deps, () => deps.stores.schedules.save(write, act, 'existing'))
}

async function checkSettings(pairId: number, settings: ScheduleSettings, deps: PlanDeps): Promise<Timing> {
  const { kind, mapping, inactivityMinutes, calendar } = settings
  if ((kind === 'mapping') !== (mapping !== null))
    throw invalid('mapping', mapping ?? 'none', 'a schedule of kind mapping has one, and no other has')
  if (mapping !== null) await deps.stores.mappings.getMapping(pairId, mapping)
  if (!Number.isInteger(inactivityMinutes) || inactivityMinutes < 0)
    throw invalid('inactivityMinutes', String(inactivityMinutes), 'must be whole minutes, or 0 for no sleep')
  const entries = calendar === null ? [] : await deps.stores.schedules.listCalendar()
  const blackouts = entries.filter((entry) => entry.calendar === calendar)
  const timing: Timing = { ...settings, blackouts }
  const [problem] = checkTiming(timing, deps.clock.now().getTime())
  if (problem) throw invalid(problem.field, problem.value, problem.message)
  return timing
}

function invalid(field: string, value: string, why: string): SyncError {
  return new SyncError('SCHEDULE_INVALID', `${field} '${value}': ${why}`, { data: { field, value } })
}

/** No slot starts until it is resumed; the reason is shown wherever somebody asks. False: it is paused already. Throws SCHEDULE_UNKNOWN. */
export async function pauseSchedule(
  named: Named,
  act: Act & { readonly reason: string },
  deps: ChangeDeps,
): Promise<boolean> {
  const { id } = await getSchedule(named, deps)
  return publish(deps, () => deps.stores.schedules.setPaused(id, true, false, act))
}

/** Slots that were missed meanwhile are made up for as its catch-up policy says. False: it was not paused. Throws SCHEDULE_UNKNOWN. */
export async function resumeSchedule(named: Named, act: Act, deps: ChangeDeps): Promise<boolean> {
  const { id, catchUp } = await getSchedule(named, deps)
  return publish(deps, () => deps.stores.schedules.setPaused(id, false, catchUp === 'skip', act))
}

/** Throws SCHEDULE_UNKNOWN. */
export async function removeSchedule(named: Named, act: Act, deps: ChangeDeps): Promise<void> {
  await getSchedule(named, deps)
  await publish(deps, () => deps.stores.schedules.remove(named, act))
}

/** The run of a schedule at once, beside its slots. Throws SCHEDULE_UNKNOWN, FULL_SYNC_RUNNING. */
export async function runScheduleNow(named: Named, act: Act, deps: ChangeDeps): Promise<Run> {
  const schedule = await getSchedule(named, deps)
  const request = await scheduledRun(schedule, '', deps)
  const reason = act.reason ?? `${schedule.name}, now`
  const { run } = await startRun({ ...request, slot: null, requestedBy: act.by, reason }, deps)
  return run
}

/** Brings the change to the queue at once; should that fail, the sweeper does. */
export async function publish<T>(
  deps: Pick<Deps, 'stores' | 'queue' | 'log'>,
  change: () => Promise<T>,
): Promise<T> {
  const result = await change()
  try {
    await deps.queue.reconcileSchedules(await deps.stores.schedules.list())
  } catch (error) {
    deps.log.warn(
      { err: error },
      'The change is stored but has not reached the queue; the sweeper brings it there',
    )
  }
  return result
}
