import { asc, eq, inArray } from 'drizzle-orm'
import type { ConnectionRecord } from '../../core/ports/mapping-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, type Executor } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { connection } from '../schema/connection.ts'

const columns = {
  id: connection.id,
  name: connection.name,
  kind: connection.kind,
  settings: connection.settings,
}

export async function saveConnection(
  db: Executor,
  { name, kind, settings }: Omit<ConnectionRecord, 'id'>,
  by?: string,
): Promise<ConnectionRecord> {
  return db.transaction(async (tx) => {
    const [before] = await tx.select(columns).from(connection).where(eq(connection.name, name)).for('update')
    const rows = await tx
      .insert(connection)
      .values({ name, kind, settings })
      .onConflictDoUpdate({ target: connection.name, set: { kind, settings, updatedAt: clock } })
      .returning(columns)
    if (by !== undefined) {
      const entry = { actor: by, action: 'connection.save', subject: `connection ${name}` }
      await appendAudit(tx, {
        ...entry,
        before: before ? facts(before) : null,
        after: facts({ kind, settings }),
      })
    }
    return present(rows[0], 'saved connection')
  })
}

/** What may be read by everybody: of a secret that is stored sealed, that there is one. */
function facts({ kind, settings }: Pick<ConnectionRecord, 'kind' | 'settings'>) {
  const shown = Object.entries(settings).map(([setting, text]) => [
    setting,
    /^sealed:/.test(text) ? 'sealed' : text,
  ])
  return { kind, settings: Object.fromEntries(shown) }
}

export function listConnections(db: Executor): Promise<ConnectionRecord[]> {
  return db.select(columns).from(connection).orderBy(asc(connection.name))
}

export function findConnections(db: Executor, names: readonly string[]): Promise<ConnectionRecord[]> {
  return db
    .select(columns)
    .from(connection)
    .where(inArray(connection.name, [...names]))
}
