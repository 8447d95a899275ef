import { eq, sql } from 'drizzle-orm'
import type { OperationsStore } from '../../core/ports/operations-store.ts'
import type { Executor } from '../database.ts'
import { apiKey } from '../schema/api-key.ts'
import { auditLog } from '../schema/audit-log.ts'

export async function appendAudit(
  db: Executor,
  { actor, action, subject, detail }: Parameters<OperationsStore['appendAudit']>[0],
): Promise<void> {
  await db.insert(auditLog).values({ actor, action, subject, detail })
}

/** A key of the same name is replaced: the old one is no longer valid. */
export async function saveApiKey(
  db: Executor,
  { name, hash }: { name: string; hash: string },
): Promise<void> {
  await db
    .insert(apiKey)
    .values({ name, hash })
    .onConflictDoUpdate({ target: apiKey.name, set: { hash, createdAt: sql`clock_timestamp()` } })
}

/** The unique name decides, also between processes that start at the same moment. */
export async function createApiKey(db: Executor, key: { name: string; hash: string }): Promise<boolean> {
  const rows = await db.insert(apiKey).values(key).onConflictDoNothing().returning({ id: apiKey.id })
  return rows.length > 0
}

export async function hasApiKeys(db: Executor): Promise<boolean> {
  const rows = await db.select({ id: apiKey.id }).from(apiKey).limit(1)
  return rows.length > 0
}

export async function findApiKey(db: Executor, hash: string): Promise<{ name: string } | null> {
  const rows = await db.select({ name: apiKey.name }).from(apiKey).where(eq(apiKey.hash, hash))
  return rows[0] ?? null
}
