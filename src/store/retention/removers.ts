import { sql } from 'drizzle-orm'
import type { AgingKind } from '../../core/ports/retention-store.ts'
import { clockOnce, type Executor } from '../database.ts'
import { maintainPartitions } from '../operations/partitions.ts'
import { removeOldAudit } from './audit.ts'
import { removeOldRuns } from './runs.ts'

/** Rows that one statement removes at most, so that no transaction and no lock lasts long. */
const BATCH = 5_000

/** Removes a part of what is older; gives how many rows, 0 when nothing is left. */
export type Remover = (db: Executor, keepDays: number, signal: AbortSignal) => Promise<number>

/** One way for each kind; a kind without one does not compile. */
export const removers: Readonly<Record<AgingKind, Remover>> = {
  outcomes: maintainPartitions,
  'match lists': removeMatchLists,
  operations: removeOperations,
  previews: (db, keepDays, signal) => removeOldRuns(db, { keepDays, previews: true }, signal),
  runs: (db, keepDays, signal) => removeOldRuns(db, { keepDays, previews: false }, signal),
  alerts: removeAlerts,
  'webhook events': removeEvents,
  keys: removeKeys,
  audit: removeOldAudit,
}

/** The list of matches is for review: it lives as long as the ledger of its job, and no longer than that. */
async function removeMatchLists(db: Executor, keepDays: number): Promise<number> {
  const { rowCount } = await db.execute(sql`
    delete from couplet.match_finding where id in (
      select f.id from couplet.match_finding f join couplet.job j on j.id = f.job_id
      where j.finished_at <= ${daysAgo(keepDays)} limit ${BATCH})`)
  return rowCount ?? 0
}

/** First their records, of which one operation may have a million; then those that have none any more. */
async function removeOperations(db: Executor, keepDays: number): Promise<number> {
  const records = await db.execute(sql`
    delete from couplet.bulk_record where (operation_id, position) in (
      select r.operation_id, r.position from couplet.bulk_record r
      join couplet.bulk_operation o on o.id = r.operation_id
      where o.finished_at <= ${daysAgo(keepDays)} limit ${BATCH})`)
  if (records.rowCount !== 0) return records.rowCount ?? 0
  const { rowCount } = await db.execute(sql`
    delete from couplet.bulk_operation where id in (
      select id from couplet.bulk_operation where finished_at <= ${daysAgo(keepDays)} limit ${BATCH})`)
  return rowCount ?? 0
}

/** Alerts that are over, with what is still owed to a channel, and silences. */
async function removeAlerts(db: Executor, keepDays: number): Promise<number> {
  const alerts = await db.execute(sql`
    delete from couplet.alert where id in (
      select id from couplet.alert where recovered_at <= ${daysAgo(keepDays)} limit ${BATCH})`)
  const silences = await db.execute(sql`
    delete from couplet.alert_silence where id in (
      select id from couplet.alert_silence where until <= ${daysAgo(keepDays)} limit ${BATCH})`)
  return (alerts.rowCount ?? 0) + (silences.rowCount ?? 0)
}

/** With their deliveries; what somebody has asked for again stays until it has been sent. */
async function removeEvents(db: Executor, keepDays: number): Promise<number> {
  const { rowCount } = await db.execute(sql`
    delete from couplet.webhook_event where id in (
      select e.id from couplet.webhook_event e
      where e.at <= ${daysAgo(keepDays)} and not exists (select from couplet.webhook_delivery d
        where d.event_id = e.id and d.state = 'due' and d.due_since > ${daysAgo(keepDays)}) limit ${BATCH})`)
  return rowCount ?? 0
}

/** Keys that nobody can use any more; the audit log tells who had them. */
async function removeKeys(db: Executor, keepDays: number): Promise<number> {
  const { rowCount } = await db.execute(sql`
    delete from couplet.api_key where id in (
      select id from couplet.api_key where least(revoked_at, expires_at) <= ${daysAgo(keepDays)} limit ${BATCH})`)
  return rowCount ?? 0
}

function daysAgo(days: number) {
  return sql`${clockOnce} - ${days} * interval '1 day'`
}
