import { and, eq, sql } from 'drizzle-orm'
import type { AuditEntry } from '../../core/access/audit-entry.ts'
import { SyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import type { ScheduleTarget, ScheduleWrite } from '../../core/ports/schedule-store.ts'
import type { Schedule } from '../../core/schedules/schedule.ts'
import { scheduleExists, scheduleUnknown } from '../../core/schedules/schedule-errors.ts'
import { present } from '../../lib/assert.ts'
import { clock, type Executor } from '../database.ts'
import { violates } from '../database-errors.ts'
import { appendAudit } from '../operations/audit.ts'
import { schedule } from '../schema/schedule.ts'
import { findSchedule } from './read-schedules.ts'
import { toSchedule } from './rows.ts'

/** Slots before a change of the timing are nobody's any more. */
const timingFields = [
  'everyMinutes',
  'cron',
  'anchorAt',
  'timeZone',
  'weekdays',
  'windowFrom',
  'windowTo',
] as const

/** The anchor stays unless it is given: a schedule whose rate is changed keeps its phase (domain.md §14.5). */
export async function saveSchedule(
  db: Executor,
  write: ScheduleWrite,
  act: Act | null,
  target: ScheduleTarget = 'either',
): Promise<Schedule> {
  const { pairId, name, mapping, weekdays, ...rest } = write
  const given = {
    ...rest,
    ...(mapping === undefined ? {} : { mappingName: mapping }),
    ...(weekdays === undefined ? {} : { weekdays: weekdays === null ? null : [...weekdays] }),
  }
  try {
    return await db.transaction(async (tx) => {
      const isIt = and(eq(schedule.pairId, pairId), eq(schedule.name, name))
      const before = await lockSchedule(tx, write)
      const isRetimed = timingFields.some((field) => field in given)
      const settled = isRetimed ? { settledUntil: sql`greatest(${schedule.settledUntil}, ${clock})` } : {}
      const change = async () => {
        const set = { ...given, ...settled, updatedAt: clock }
        const rows = await tx.update(schedule).set(set).where(isIt).returning({ id: schedule.id })
        return rows[0]?.id
      }
      const add = async () => {
        const values = { kind: 'modified' as const, enabled: true, ...given, pairId, name }
        const rows = await tx
          .insert(schedule)
          .values(values)
          .onConflictDoNothing()
          .returning({ id: schedule.id })
        return rows[0]?.id
      }
      const changed = target === 'new' ? undefined : await change()
      const added = changed === undefined && target !== 'existing' ? await add() : undefined
      const id = changed ?? added ?? (target === 'either' ? await change() : undefined)
      if (id === undefined) throw target === 'new' ? scheduleExists(name) : scheduleUnknown(name)
      const saved = present(await findSchedule(tx, id), 'saved schedule')
      const action = added === undefined ? 'schedule.changed' : 'schedule.added'
      if (act !== null) {
        const names = Object.keys(write)
        const was = before === undefined ? null : pick(toSchedule(before, []), names)
        await writeAct(tx, action, saved, act, { before: was, after: pick(saved, names) })
      }
      return saved
    })
  } catch (error) {
    if (!violates(error, 'schedule_mapping')) throw error
    throw new SyncError('MAPPING_UNKNOWN', `There is no mapping named '${mapping}'`, {
      data: { name: mapping ?? null },
    })
  }
}

/** The schedule as it is until the end of the transaction; undefined when it is not there. */
export async function lockSchedule(
  tx: Executor,
  { pairId, name }: Pick<ScheduleWrite, 'pairId' | 'name'>,
): Promise<typeof schedule.$inferSelect | undefined> {
  const isIt = and(eq(schedule.pairId, pairId), eq(schedule.name, name))
  const [row] = await tx.select().from(schedule).where(isIt).for('update')
  return row
}

export function writeAct(
  db: Executor,
  action: string,
  { pairId, name }: Pick<Schedule, 'pairId' | 'name'>,
  { by, reason }: Act,
  facts: Pick<AuditEntry, 'before' | 'after'>,
): Promise<void> {
  return appendAudit(db, { actor: by, action, subject: `schedule/${pairId}/${name}`, reason, ...facts })
}

/** What was given of a schedule, as it is stored. */
function pick(from: Schedule, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)))
}
