import type { AuditEntry } from '../../core/access/audit-entry.ts'
import type { Executor } from '../database.ts'
import { auditLog } from '../schema/audit-log.ts'

/**
 * Writes an entry of the audit log in the transaction of what it tells about. The last statement of a transaction: from it on
 * nobody else can write an entry until the transaction has ended.
 */
export async function appendAudit(
  db: Executor,
  { actor, action, subject, reason = null, before = null, after = null, detail = {} }: AuditEntry,
): Promise<void> {
  await db.insert(auditLog).values({ actor, action, subject, reason, before, after, detail })
}
