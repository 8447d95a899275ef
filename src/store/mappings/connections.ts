import { asc, inArray } from 'drizzle-orm'
import type { ConnectionRecord } from '../../core/ports/mapping-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, type Executor } from '../database.ts'
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
): Promise<ConnectionRecord> {
  const rows = await db
    .insert(connection)
    .values({ name, kind, settings })
    .onConflictDoUpdate({ target: connection.name, set: { kind, settings, updatedAt: clock } })
    .returning(columns)
  return present(rows[0], 'saved connection')
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
