import type { Blackout, Schedule } from '../../core/schedules/schedule.ts'
import { present } from '../../lib/assert.ts'
import type { schedule } from '../schema/schedule.ts'

export type ScheduleRow = typeof schedule.$inferSelect

/** `blackouts`: those of its calendar. */
export function toSchedule(row: ScheduleRow, blackouts: readonly Blackout[]): Schedule {
  const { mappingName, pausedBy, pausedReason, pausedAt, createdAt: _, updatedAt: __, ...plain } = row
  const pause =
    pausedAt === null
      ? null
      : { at: pausedAt, by: present(pausedBy, 'who'), reason: present(pausedReason, 'why') }
  return {
    ...plain,
    mapping: mappingName,
    pause,
    windowFrom: toMinutes(plain.windowFrom),
    windowTo: toMinutes(plain.windowTo),
    blackouts,
  }
}

/** Postgres gives seconds, too. */
function toMinutes(time: string | null): string | null {
  return time === null ? null : time.slice(0, 5)
}
