import { toSyncError } from '../../core/errors.ts'
import { lastSlot } from '../../core/schedules/slots.ts'
import { type SettleDeps, settleSchedule } from './settle-schedule.ts'

/** Schedules that are settled at once: some look for changes at systems that take their time. */
const AT_ONCE = 10

/** Settles every schedule that has a slot due: what the queue has forgotten, what was paused, what waited. */
export async function settleSchedules(deps: SettleDeps, signal: AbortSignal): Promise<void> {
  const nowMs = deps.clock.now().getTime()
  const due = (await deps.stores.schedules.list()).filter(
    (schedule) =>
      schedule.enabled &&
      schedule.pause === null &&
      lastSlot(schedule, nowMs, Date.parse(schedule.settledUntil)) !== null,
  )
  for (let at = 0; at < due.length && !signal.aborted; at += AT_ONCE)
    await Promise.all(due.slice(at, at + AT_ONCE).map(({ id }) => settleGuarded(id, deps, signal)))
}

/** One schedule that fails disturbs no other; the sweeper comes by again. */
export async function settleGuarded(
  scheduleId: number,
  deps: SettleDeps,
  signal: AbortSignal,
): Promise<void> {
  try {
    await settleSchedule(scheduleId, null, deps, signal)
  } catch (error) {
    if (signal.aborted) return
    deps.log.warn(
      { err: toSyncError(error), schedule: scheduleId },
      'The schedule could not be settled; the next round tries again',
    )
  }
}
