import { findClearSecrets } from '../../core/connection-secrets.ts'
import { SyncError, toSyncError } from '../../core/errors.ts'
import type { Side } from '../../core/mapping/definition.ts'
import { mappedFields } from '../../core/mapping/mapped-fields.ts'
import type { Act } from '../../core/ports/act.ts'
import type { Connector, TableAddress } from '../../core/ports/connector.ts'
import type { ConnectionRecord } from '../../core/ports/mapping-store.ts'
import type { Deps } from '../deps.ts'

type NewConnection = Omit<ConnectionRecord, 'id'>
type ConnectionDeps = Pick<Deps, 'stores' | 'connect'>

const checkMs = 60_000
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/

/**
 * Stores a connection, or replaces the one of that name, after it has answered: one that does not answer leaves everything
 * as it was. The act stands in the audit log, with what the settings were. Throws what `tryConnection` throws.
 */
export async function addConnection(
  connection: NewConnection,
  act: Act,
  deps: ConnectionDeps,
): Promise<ConnectionRecord> {
  await tryConnection(connection, deps)
  return deps.stores.mappings.saveConnection(connection, act)
}

/**
 * Whether a connection could be stored; it is not. Throws CONFIG_INVALID for a setting that is wrong or holds a secret in clear
 * text, else what the connector throws.
 */
export async function tryConnection(connection: NewConnection, deps: ConnectionDeps): Promise<void> {
  const { name, settings } = connection
  if (!namePattern.test(name) && !(await isStored(name, deps))) {
    const message = `name = '${name}': expected up to 50 letters, digits, dots, hyphens and underscores`
    throw new SyncError('CONFIG_INVALID', message)
  }
  const clear = findClearSecrets(settings)
  if (clear.length > 0) {
    const message = `Connection ${name}: ${clear.join(', ')} must be env:NAME or file:/path, which say where the secret stands, never the secret itself`
    throw new SyncError('CONFIG_INVALID', message, { data: { connection: name } })
  }
  await checkAnswer({ id: 0, ...connection }, checkMs, deps)
}

/** Whether the system answers and lets us in, within so many milliseconds; what is not stored yet is closed again. */
export async function checkAnswer(
  connection: ConnectionRecord,
  limitMs: number,
  deps: Pick<Deps, 'connect'>,
): Promise<void> {
  const connector = await deps.connect(connection)
  try {
    await connector.check(AbortSignal.timeout(limitMs))
  } finally {
    if (connection.id === 0) await connector.close()
  }
}

/** Those of pairs are called after them, by any name. */
async function isStored(name: string, { stores }: Pick<Deps, 'stores'>): Promise<boolean> {
  return (await stores.mappings.listConnections()).some((each) => each.name === name)
}

/** Throws CONNECTION_UNKNOWN, with the names there are. */
export async function getConnection(name: string, deps: Pick<Deps, 'stores'>): Promise<ConnectionRecord> {
  const all = await deps.stores.mappings.listConnections()
  const found = all.find((each) => each.name === name)
  if (found) return found
  const names = all.map((each) => each.name).join(', ') || 'none'
  throw new SyncError('CONNECTION_UNKNOWN', `There is no connection ${name}; there are: ${names}`)
}

/** One thing that was tried, and how it went. */
export interface ConnectionCheck {
  /** `settings`, `connection`, `tables`, or `table NAME`. */
  readonly step: string
  readonly detail: string
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string } | null
}

/** A table as it is to be tried: all its fields, or these. */
export interface TriedTable {
  readonly address: TableAddress
  readonly fields: readonly string[] | null
}

/**
 * Tries a connection step by step: its settings, whether the system answers and lets it in, its tables, and of each table
 * that is named, or mapped, whether the fields are there and may be read. Writes nothing, so a missing privilege to write
 * shows only later. Each step that fails has its code; what needs it is not tried.
 */
export async function testConnection(
  connection: ConnectionRecord,
  tables: readonly TriedTable[],
  deps: ConnectionDeps,
  onCheck: (check: ConnectionCheck) => void,
): Promise<readonly ConnectionCheck[]> {
  const checks: ConnectionCheck[] = []
  const attempt = async <T>(step: string, work: () => Promise<readonly [result: T, detail: string]>) => {
    const [result, check] = await tried(step, work)
    checks.push(check)
    onCheck(check)
    return result
  }
  const connector = await attempt('settings', async () => [await deps.connect(connection), connection.kind])
  if (connector === null) return checks
  const answers = await attempt('connection', async () => {
    await connector.check(AbortSignal.timeout(checkMs))
    // What waits for it goes on.
    await deps.stores.control.turnBreaker(connection.id, { event: 'succeeded' })
    return [true, 'the system answers and lets us in']
  })
  if (answers === null) return checks
  await attempt('tables', async () => {
    const names = await connector.listTables(AbortSignal.timeout(checkMs))
    return [names, `${names.length} tables`]
  })
  for (const table of tables) await attempt(`table ${table.address.table}`, () => readOne(connector, table))
  return checks
}

async function tried<T>(
  step: string,
  work: () => Promise<readonly [result: T, detail: string]>,
): Promise<readonly [result: T | null, check: ConnectionCheck]> {
  try {
    const [result, detail] = await work()
    return [result, { step, detail, error: null }]
  } catch (error) {
    const { code, message, remedy } = toSyncError(error)
    return [null, { step, detail: message, error: { code, message, remedy } }]
  }
}

async function readOne(connector: Connector, { address, fields }: TriedTable) {
  const table = await connector.openTable(address, AbortSignal.timeout(checkMs))
  const asked = fields ?? [...table.schema.fields.keys()]
  const signal = AbortSignal.timeout(checkMs)
  const page = await table.readAll({ fields: asked, filter: null, cursor: null, limit: 1, signal })
  const found = page.records.length > 0 ? 'a record was read' : 'no record is there to be read'
  return [page, `${asked.length} fields, ${found}`] as const
}

/** The sides of mappings that lie in this connection, with the fields they need. */
export async function mappedTables(
  connection: ConnectionRecord,
  deps: Pick<Deps, 'stores'>,
): Promise<readonly TriedTable[]> {
  const tables: TriedTable[] = []
  for (const pair of await deps.stores.mappings.listPairs()) {
    const sides: Side[] = []
    if (pair.localConnection.id === connection.id) sides.push('local')
    if (pair.remoteConnection.id === connection.id) sides.push('remote')
    const mappings = sides.length === 0 ? [] : await deps.stores.mappings.listMappings(pair.id)
    for (const side of sides) {
      for (const { definition } of mappings) {
        const { table, keyFields, modifiedField, versionField } = definition[side]
        const address = { table, keyFields, modifiedField, versionField }
        tables.push({ address, fields: [...mappedFields(definition, side)] })
      }
    }
  }
  return tables
}
