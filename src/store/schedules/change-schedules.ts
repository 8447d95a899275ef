import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Act } from '../../core/ports/act.ts'
import type { CalendarEntry, SlotSettlement } from '../../core/ports/schedule-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, type Executor } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { blackout } from '../schema/blackout.ts'
import { schedule } from '../schema/schedule.ts'
import { writeAct } from './save-schedule.ts'

/** Its runs stay, without the schedule's number. */
export function removeSchedule(
  db: Executor,
  { pairId, name }: { pairId: number; name: string },
  act: Act,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const removed = await tx
      .delete(schedule)
      .where(and(eq(schedule.pairId, pairId), eq(schedule.name, name)))
      .returning()
    const [before] = removed
    if (before === undefined) return false
    await writeAct(tx, 'schedule.removed', before, act, { before })
    return true
  })
}

export function setPaused(
  db: Executor,
  id: number,
  isPaused: boolean,
  isFresh: boolean,
  act: Act,
): Promise<boolean> {
  const set = isPaused
    ? { pausedAt: clock, pausedBy: act.by, pausedReason: act.reason ?? '' }
    : { pausedAt: null, pausedBy: null, pausedReason: null, ...(isFresh ? { settledUntil: clock } : {}) }
  const isOther = isPaused ? isNull(schedule.pausedAt) : sql`${schedule.pausedAt} is not null`
  return db.transaction(async (tx) => {
    const changed = await tx
      .update(schedule)
      .set({ ...set, updatedAt: clock })
      .where(and(eq(schedule.id, id), isOther))
      .returning()
    const [now] = changed
    if (now === undefined) return false
    await writeAct(tx, isPaused ? 'schedule.paused' : 'schedule.resumed', now, act, {})
    return true
  })
}

/** A worker that was frozen tells what it decided long ago: later slots stay settled. */
export async function settleSlot(
  db: Executor,
  { scheduleId, slot, decision, seen }: SlotSettlement,
): Promise<void> {
  const sights = seen === undefined ? {} : { seen }
  const isNewer = slot === null ? undefined : sql`${schedule.settledUntil} < ${slot}::timestamptz`
  await db
    .update(schedule)
    .set({
      ...sights,
      lastDecision: decision,
      isPending: slot === null,
      ...(slot === null ? {} : { settledUntil: slot }),
    })
    .where(and(eq(schedule.id, scheduleId), isNewer))
}

export function addBlackout(
  db: Executor,
  { calendar, from, to, reason }: Omit<CalendarEntry, 'id'>,
  act: Act,
): Promise<CalendarEntry> {
  return db.transaction(async (tx) => {
    const rows = await tx
      .insert(blackout)
      .values({ calendar, startsAt: from, endsAt: to, reason })
      .returning({ id: blackout.id, from: blackout.startsAt, to: blackout.endsAt })
    const entry = { ...present(rows[0], 'blackout'), calendar, reason }
    await writeCalendar(tx, 'calendar.added', entry, act)
    return entry
  })
}

export function removeBlackout(db: Executor, id: number, act: Act): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [gone] = await tx.delete(blackout).where(eq(blackout.id, id)).returning()
    if (gone === undefined) return false
    const { calendar, startsAt: from, endsAt: to, reason } = gone
    await writeCalendar(tx, 'calendar.removed', { id, calendar, from, to, reason }, act)
    return true
  })
}

function writeCalendar(db: Executor, action: string, entry: CalendarEntry, act: Act): Promise<void> {
  return appendAudit(db, {
    actor: act.by,
    action,
    subject: `calendar/${entry.calendar}`,
    reason: act.reason,
    detail: { entry },
  })
}
