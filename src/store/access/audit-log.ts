import { and, asc, desc, eq, gt, gte, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { auditCut, type ChainEnd, type ChainLink } from '../../core/access/audit-chain.ts'
import type { StoredAuditEntry } from '../../core/access/audit-entry.ts'
import type { AccessStore } from '../../core/ports/access-store.ts'
import { present } from '../../lib/assert.ts'
import type { Executor } from '../database.ts'
import { auditChain, auditLog } from '../schema/audit-log.ts'

const columns = {
  id: auditLog.number,
  at: auditLog.at,
  actor: auditLog.actor,
  action: auditLog.action,
  subject: auditLog.subject,
  reason: auditLog.reason,
  before: auditLog.before,
  after: auditLog.after,
  detail: auditLog.detail,
  hash: auditLog.hash,
}

export function listAudit(
  db: Executor,
  { limit, before, actor, action, subject, since, until }: Parameters<AccessStore['listAudit']>[0],
): Promise<StoredAuditEntry[]> {
  return db
    .select(columns)
    .from(auditLog)
    .where(
      and(
        before === null ? undefined : lt(auditLog.number, before),
        actor === undefined ? undefined : eq(auditLog.actor, actor),
        action === undefined ? undefined : eq(auditLog.action, action),
        subject === undefined ? undefined : eq(auditLog.subject, subject),
        since === undefined ? undefined : gte(auditLog.at, since),
        until === undefined ? undefined : lt(auditLog.at, until),
      ),
    )
    .orderBy(desc(auditLog.number))
    .limit(limit)
}

export async function findChainEnd(db: Executor): Promise<ChainEnd> {
  const rows = await db.select({ entries: auditChain.entries, hash: auditChain.hash }).from(auditChain)
  return present(rows[0], 'the end of the audit log')
}

const Cut = z.strictObject({ through: z.number(), hash: z.string() })

export async function findChainCut(db: Executor): Promise<ChainEnd | null> {
  const rows = await db
    .select({ detail: auditLog.detail })
    .from(auditLog)
    .where(eq(auditLog.action, auditCut))
    .orderBy(desc(auditLog.number))
    .limit(1)
  if (rows[0] === undefined) return null
  const { through, hash } = Cut.parse(rows[0].detail)
  return { entries: through, hash }
}

/** The content is written by the function that the trigger uses; the hash is made anew from it, outside of the database. */
export function listChain(db: Executor, after: number, limit: number): Promise<ChainLink[]> {
  return db
    .select({
      number: auditLog.number,
      content: sql<string>`couplet.audit_content(audit_log)`,
      previousHash: auditLog.previousHash,
      hash: auditLog.hash,
    })
    .from(auditLog)
    .where(gt(auditLog.number, after))
    .orderBy(asc(auditLog.number))
    .limit(limit)
}
