import { asc, eq, inArray, sql } from 'drizzle-orm'
import type { CalendarEntry, ScheduleStore } from '../../core/ports/schedule-store.ts'
import type { Blackout, Schedule } from '../../core/schedules/schedule.ts'
import { type RunState, runIsDone } from '../../core/sync/run.ts'
import { groupBy } from '../../lib/group.ts'
import type { Executor } from '../database.ts'
import { blackout } from '../schema/blackout.ts'
import { schedule } from '../schema/schedule.ts'
import { type ScheduleRow, toSchedule } from './rows.ts'

export async function listSchedules(db: Executor): Promise<Schedule[]> {
  return withBlackouts(db, await db.select().from(schedule).orderBy(asc(schedule.pairId), asc(schedule.name)))
}

export async function findSchedule(db: Executor, id: number): Promise<Schedule | null> {
  const found = await withBlackouts(db, await db.select().from(schedule).where(eq(schedule.id, id)))
  return found[0] ?? null
}

async function withBlackouts(db: Executor, rows: readonly ScheduleRow[]): Promise<Schedule[]> {
  const calendars = [...new Set(rows.flatMap(({ calendar }) => calendar ?? []))]
  const entries =
    calendars.length === 0 ? [] : await selectEntries(db).where(inArray(blackout.calendar, calendars))
  const byCalendar = groupBy(entries, ({ calendar }) => calendar)
  return rows.map((row) => toSchedule(row, (byCalendar.get(row.calendar ?? '') ?? []).map(toBlackout)))
}

function toBlackout({ from, to, reason }: CalendarEntry): Blackout {
  return { from, to, reason }
}

function selectEntries(db: Executor) {
  return db
    .select({
      id: blackout.id,
      calendar: blackout.calendar,
      from: blackout.startsAt,
      to: blackout.endsAt,
      reason: blackout.reason,
    })
    .from(blackout)
    .$dynamic()
}

export function listCalendar(db: Executor): Promise<CalendarEntry[]> {
  return selectEntries(db).orderBy(asc(blackout.calendar), asc(blackout.startsAt), asc(blackout.id))
}

interface LastRunRow extends Record<string, unknown> {
  readonly id: string
  readonly state: RunState
  readonly finished_ms: number | null
  readonly moved: string
  readonly is_held: boolean
}

/** Everything that could go on waits for the end of a pause of its mapping: nobody else need wait for that. */
const isHeld = sql`(r.state in ('queued', 'running')
  and exists (select from couplet.line l where l.run_id = r.id and l.state in ('ready', 'running'))
  and not exists (select from couplet.line l where l.run_id = r.id and l.state in ('ready', 'running')
    and not exists (select from couplet.pause p
      where p.mapping_id = l.mapping_id and (p.until is null or p.until > clock_timestamp()))))`

/** A preview is nobody's slot; what was read and left as it was has moved nothing (domain.md §14.3, 1). */
export async function findLastRun(
  db: Executor,
  scheduleId: number,
): ReturnType<ScheduleStore['findLastRun']> {
  const { rows } = await db.execute<LastRunRow>(sql`
    select r.id, r.state, (extract(epoch from r.finished_at) * 1000)::float8 as finished_ms,
      (select coalesce(sum(j.inserted + j.modified + j.deleted + j.coupled + j.uncoupled + j.failed), 0)
        from couplet.job j where j.run_id = r.id) as moved,
      ${isHeld} as is_held
    from couplet.run r where r.schedule_id = ${scheduleId}
    order by r.state in ('queued', 'running') and not ${isHeld} desc, r.id desc limit 1`)
  const [last] = rows
  if (last === undefined) return null
  const isOver = runIsDone(last.state) || last.is_held
  return {
    runId: Number(last.id),
    state: last.state,
    isOver,
    finishedMs: last.finished_ms,
    foundNothing: last.state === 'succeeded' && Number(last.moved) === 0,
  }
}
