import { and, asc, eq } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { Schedule } from '../../core/ports/operations-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, type Executor } from '../database.ts'
import { violates } from '../database-errors.ts'
import { schedule } from '../schema/schedule.ts'

const columns = {
  id: schedule.id,
  pairId: schedule.pairId,
  name: schedule.name,
  kind: schedule.kind,
  mapping: schedule.mappingName,
  everyMinutes: schedule.everyMinutes,
  enabled: schedule.enabled,
}

/** The anchor stays: a schedule whose rate is changed keeps its phase (domain.md §14.5). */
export async function saveSchedule(db: Executor, write: Omit<Schedule, 'id'>): Promise<Schedule> {
  const { pairId, name, mapping, ...rest } = write
  const values = { ...rest, mappingName: mapping }
  try {
    const rows = await db
      .insert(schedule)
      .values({ pairId, name, ...values })
      .onConflictDoUpdate({ target: [schedule.pairId, schedule.name], set: { ...values, updatedAt: clock } })
      .returning(columns)
    return present(rows[0], 'saved schedule')
  } catch (error) {
    if (!violates(error, 'schedule_mapping')) throw error
    throw new SyncError('MAPPING_UNKNOWN', `There is no mapping named '${mapping}'`, {
      data: { name: mapping },
    })
  }
}

export function listSchedules(db: Executor): Promise<Schedule[]> {
  return db.select(columns).from(schedule).orderBy(asc(schedule.pairId), asc(schedule.name))
}

export async function getSchedule(db: Executor, id: number): Promise<Schedule | null> {
  const rows = await db.select(columns).from(schedule).where(eq(schedule.id, id))
  return rows[0] ?? null
}

/** Its runs stay, without the schedule's number. */
export async function removeSchedule(db: Executor, pairId: number, name: string): Promise<boolean> {
  const { rowCount } = await db
    .delete(schedule)
    .where(and(eq(schedule.pairId, pairId), eq(schedule.name, name)))
  return rowCount === 1
}
