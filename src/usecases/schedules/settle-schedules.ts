import { toSyncError } from '../../core/errors.ts'
import { lastSlot } from '../../core/schedules/slots.ts'
import { type SettleDeps, settleSchedule } from './settle-schedule.ts'

/** Settles every schedule that has a slot due: what the queue has forgotten, what was paused, what waited. */
export async function settleSchedules(deps: SettleDeps): Promise<void> {
  const nowMs = deps.clock.now().getTime()
  for (const schedule of await deps.stores.schedules.list()) {
    const isOn = schedule.enabled && schedule.pause === null
    if (isOn && lastSlot(schedule, nowMs, Date.parse(schedule.settledUntil)) !== null)
      await settleGuarded(schedule.id, deps)
  }
}

/** One schedule that fails disturbs no other; the sweeper comes by again. */
export async function settleGuarded(scheduleId: number, deps: SettleDeps): Promise<void> {
  try {
    await settleSchedule(scheduleId, null, deps)
  } catch (error) {
    deps.log.warn(
      { err: toSyncError(error), schedule: scheduleId },
      'The schedule could not be settled; the next round tries again',
    )
  }
}
