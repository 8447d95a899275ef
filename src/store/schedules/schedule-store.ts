import type { ScheduleStore } from '../../core/ports/schedule-store.ts'
import type { Executor } from '../database.ts'
import { addBlackout, removeBlackout, removeSchedule, setPaused, settleSlot } from './change-schedules.ts'
import { findLastRun, findSchedule, listCalendar, listSchedules } from './read-schedules.ts'
import { saveSchedule } from './save-schedule.ts'

export function createScheduleStore(db: Executor): ScheduleStore {
  return {
    save: (schedule, act, target) => saveSchedule(db, schedule, act, target),
    list: () => listSchedules(db),
    find: (id) => findSchedule(db, id),
    remove: (schedule, act) => removeSchedule(db, schedule, act),
    setPaused: (id, isPaused, isFresh, act) => setPaused(db, id, isPaused, isFresh, act),
    settle: (settlement) => settleSlot(db, settlement),
    findLastRun: (id) => findLastRun(db, id),
    listCalendar: () => listCalendar(db),
    addBlackout: (entry, act) => addBlackout(db, entry, act),
    removeBlackout: (id, act) => removeBlackout(db, id, act),
  }
}
