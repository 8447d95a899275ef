import { and, asc, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import type { ApiKey } from '../../core/access/api-key.ts'
import type { AccessStore } from '../../core/ports/access-store.ts'
import { clock, type Executor, unnamed } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { apiKey } from '../schema/api-key.ts'

/** All but the hash. */
const columns = {
  name: apiKey.name,
  role: apiKey.role,
  pairs: apiKey.pairs,
  mappings: apiKey.mappings,
  createdAt: apiKey.createdAt,
  createdBy: apiKey.createdBy,
  expiresAt: apiKey.expiresAt,
  lastUsedAt: apiKey.lastUsedAt,
  revokedAt: apiKey.revokedAt,
}

/** The unique name decides, also between processes that start at the same moment; a revoked key gives its name free. */
export async function createApiKey(
  db: Executor,
  key: Parameters<AccessStore['createApiKey']>[0],
  { actor, reason = null }: Parameters<AccessStore['createApiKey']>[1],
): Promise<boolean> {
  const { name, hash, role, pairs, mappings, expiresAt } = key
  const values = {
    hash,
    role,
    pairs: pairs && [...pairs],
    mappings: mappings && [...mappings],
    expiresAt,
    createdBy: actor,
  }
  return db.transaction(async (tx) => {
    const rows = await tx
      .insert(apiKey)
      .values({ name, ...values })
      .onConflictDoUpdate({
        target: apiKey.name,
        set: { ...values, createdAt: clock, lastUsedAt: null, revokedAt: null },
        setWhere: isNotNull(apiKey.revokedAt),
      })
      .returning({ id: apiKey.id })
    if (rows.length === 0) return false
    const after = { role, pairs, mappings, expiresAt }
    await appendAudit(tx, { actor, reason, action: 'key.add', subject: `key ${name}`, after })
    return true
  })
}

export async function hasApiKeys(db: Executor): Promise<boolean> {
  const rows = await db.select({ id: apiKey.id }).from(apiKey).limit(1)
  return rows.length > 0
}

export function listApiKeys(db: Executor): Promise<ApiKey[]> {
  return db.select(columns).from(apiKey).orderBy(asc(apiKey.name))
}

/** Every request asks for one: the statement is built once. */
export function prepareFindApiKey(db: Executor): AccessStore['findApiKey'] {
  const isMeant = eq(apiKey.hash, sql.placeholder('hash'))
  const statement = db.select(columns).from(apiKey).where(isMeant).prepare(unnamed)
  return async (hash) => {
    const [found] = await statement.execute({ hash })
    return found ?? null
  }
}

export async function touchApiKey(db: Executor, name: string): Promise<void> {
  const isOld = sql`(${apiKey.lastUsedAt} is null or ${apiKey.lastUsedAt} < ${clock} - interval '1 minute')`
  await db
    .update(apiKey)
    .set({ lastUsedAt: clock })
    .where(and(eq(apiKey.name, name), isOld))
}

export async function revokeApiKey(
  db: Executor,
  name: string,
  { actor, reason = null }: Parameters<AccessStore['revokeApiKey']>[1],
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const rows = await tx
      .update(apiKey)
      .set({ revokedAt: clock })
      .where(and(eq(apiKey.name, name), isNull(apiKey.revokedAt)))
      .returning({ role: apiKey.role })
    const [before] = rows
    if (before === undefined) return false
    await appendAudit(tx, { actor, reason, action: 'key.revoke', subject: `key ${name}`, before })
    return true
  })
}
