import { asc, eq, inArray } from 'drizzle-orm'
import { shownConnection } from '../../core/connection-secrets.ts'
import { SyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
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
  act?: Act,
): Promise<ConnectionRecord> {
  return db.transaction(async (tx) => {
    const [before] = await tx.select(columns).from(connection).where(eq(connection.name, name)).for('update')
    const rows = await tx
      .insert(connection)
      .values({ name, kind, settings })
      .onConflictDoUpdate({ target: connection.name, set: { kind, settings, updatedAt: clock } })
      .returning(columns)
    if (act !== undefined) {
      await appendAudit(tx, {
        actor: act.by,
        action: 'connection.save',
        subject: `connection ${name}`,
        reason: act.reason,
        before: before ? shownConnection(before) : null,
        after: shownConnection({ kind, settings }),
      })
    }
    return present(rows[0], 'saved connection')
  })
}

export async function changeSettings(
  db: Executor,
  name: string,
  settings: ConnectionRecord['settings'],
  act: Act,
): Promise<ConnectionRecord> {
  return db.transaction(async (tx) => {
    const [now] = await tx.select(columns).from(connection).where(eq(connection.name, name)).for('update')
    if (now === undefined) throw unknownConnection(name)
    return saveConnection(tx, { ...now, settings: { ...now.settings, ...settings } }, act)
  })
}

export const unknownConnection = (name: string): SyncError =>
  new SyncError('CONNECTION_UNKNOWN', `There is no connection named '${name}'`, { data: { name } })

export function listConnections(db: Executor): Promise<ConnectionRecord[]> {
  return db.select(columns).from(connection).orderBy(asc(connection.name))
}

export function findConnections(db: Executor, names: readonly string[]): Promise<ConnectionRecord[]> {
  return db
    .select(columns)
    .from(connection)
    .where(inArray(connection.name, [...names]))
}
