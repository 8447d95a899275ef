import { and, eq, sql } from 'drizzle-orm'
import type { AccessStore } from '../../core/ports/access-store.ts'
import { clock, type Executor } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { connection } from '../schema/connection.ts'

export async function replaceSecrets(
  db: Executor,
  { id, name, settings: before }: Parameters<AccessStore['replaceSecrets']>[0],
  settings: Parameters<AccessStore['replaceSecrets']>[1],
  { actor, reason = null, names }: Parameters<AccessStore['replaceSecrets']>[2],
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { rowCount } = await tx
      .update(connection)
      .set({ settings, updatedAt: clock })
      .where(and(eq(connection.id, id), sql`${connection.settings} = ${JSON.stringify(before)}::jsonb`))
    if (rowCount !== 1) return false
    const entry = { actor, reason, action: 'secrets.rotate', subject: `connection ${name}` }
    await appendAudit(tx, { ...entry, detail: { settings: names } })
    return true
  })
}
