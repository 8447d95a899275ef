import { sql } from 'drizzle-orm'
import { auditCut } from '../../core/access/audit-chain.ts'
import { clock, type Executor } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'

const BATCH = 10_000

interface LastRemoved extends Record<string, unknown> {
  readonly number: string
  readonly hash: string
}

/**
 * Removes the oldest entries and leaves, as an entry of its own in the same transaction, number and hash of the last one
 * that went: the chain goes on from there.
 */
export function removeOldAudit(db: Executor, keepDays: number): Promise<number> {
  return db.transaction(async (tx) => {
    // Entries are written one after the other under this lock, so no second removal is under way and no time is out of order.
    await tx.execute(sql`select from couplet.audit_chain for update`)
    const { rows } = await tx.execute<LastRemoved>(sql`
      select number, hash from (
        select number, hash, at from couplet.audit_log order by number limit ${BATCH}) as oldest
      where at <= ${clock} - ${keepDays} * interval '1 day' order by number desc limit 1`)
    const last = rows[0]
    if (last === undefined) return 0
    await tx.execute(sql`select set_config('couplet.retention', 'on', true)`)
    const { rowCount } = await tx.execute(
      sql`delete from couplet.audit_log where number <= ${last.number}::bigint`,
    )
    await appendAudit(tx, {
      actor: 'retention',
      action: auditCut,
      subject: 'audit log',
      reason: `Entries are kept for ${keepDays} days`,
      detail: { through: Number(last.number), hash: last.hash },
    })
    return rowCount ?? 0
  })
}
