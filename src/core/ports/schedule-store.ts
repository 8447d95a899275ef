import type { LastRun } from '../schedules/decide-slot.ts'
import type { Blackout, Schedule, ScheduleSettings, SlotDecision } from '../schedules/schedule.ts'
import type { RunState } from '../sync/run.ts'
import type { Act } from './act.ts'

/** What somebody sets; what is left out stays as it is, or gets its default. */
export type ScheduleWrite = Pick<Schedule, 'pairId' | 'name'> & Partial<ScheduleSettings>

/** What a write is for: a schedule that must be new, one that must be there, or whichever it is. */
export type ScheduleTarget = 'new' | 'existing' | 'either'

/** A blackout of a calendar that schedules share. */
export interface CalendarEntry extends Blackout {
  readonly id: number
  readonly calendar: string
}

/** What has become of the slots up to one. */
export interface SlotSettlement {
  readonly scheduleId: number
  /** The slot, an instant; null while it stays due. */
  readonly slot: string | null
  readonly decision: SlotDecision
  /** Left out: stays as it is. */
  readonly seen?: string | null
}

export interface ScheduleStore {
  /**
   * Creates or changes by (pair, name). With an act it is written to the audit log. A timing that is changed begins now: slots
   * before are settled. What is not as the target says when it is written, throws SCHEDULE_EXISTS or SCHEDULE_UNKNOWN and
   * changes nothing; left out: either. Throws MAPPING_UNKNOWN.
   */
  save(schedule: ScheduleWrite, act: Act | null, target?: ScheduleTarget): Promise<Schedule>
  /** By pair, then name. */
  list(): Promise<readonly Schedule[]>
  find(scheduleId: number): Promise<Schedule | null>
  /** Its runs stay, without its number. False: there is none. */
  remove(schedule: { pairId: number; name: string }, act: Act): Promise<boolean>
  /** Null resumes it; then, with `isFresh`, slots that were missed meanwhile are settled. False: it is so already. */
  setPaused(scheduleId: number, isPaused: boolean, isFresh: boolean, act: Act): Promise<boolean>
  /** Writes down what became of a slot. Never moves backwards; twice is once. */
  settle(settlement: SlotSettlement): Promise<void>
  /** The last run of the schedule, an unfinished one first. */
  findLastRun(
    scheduleId: number,
  ): Promise<(LastRun & { readonly runId: number; readonly state: RunState }) | null>
  listCalendar(): Promise<readonly CalendarEntry[]>
  addBlackout(entry: Omit<CalendarEntry, 'id'>, act: Act): Promise<CalendarEntry>
  /** False: there is none. */
  removeBlackout(id: number, act: Act): Promise<boolean>
}
