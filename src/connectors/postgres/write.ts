import { type Problem, problem } from '../../core/errors.ts'
import type { WriteOperation, WriteRequest, WriteResult } from '../../core/ports/connector.ts'
import { decodeKey, displayKey, encodeKey } from '../../core/values/key.ts'
import type { Values } from '../../core/values/value.ts'
import { present } from '../../lib/assert.ts'
import { insertMade, type ReceiptTable, type UnkeyedInsert } from './receipts.ts'
import type { Session } from './session.ts'
import type { TableShape } from './shape.ts'
import { keyParameters } from './snapshots.ts'
import { type KeyedInsert, type WriteContext, writableColumns } from './write-context.ts'
import { type Delete, writeDeletes } from './write-deletes.ts'
import { insertGiven } from './write-inserts.ts'
import { type Update, writeUpdates } from './write-updates.ts'

export interface WriteSettings {
  readonly session: Session
  /** Null: the connection keeps no receipts. */
  readonly receipts: ReceiptTable | null
  /** Records are created although a lost answer could create them twice. */
  readonly acceptDuplicateRisk: boolean
}

type Insert = Extract<WriteOperation, { kind: 'insert' }>

/** The operations by the way they are carried out; what needs no statement has its result already. */
interface Sorted {
  readonly updates: Update[]
  readonly deletes: Delete[]
  readonly given: KeyedInsert[]
  readonly made: UnkeyedInsert[]
  readonly results: (WriteResult | undefined)[]
}

/** All operations in one transaction: a constant number of statements as long as no record is refused. */
export async function writeRecords(
  shape: TableShape,
  settings: WriteSettings,
  request: WriteRequest,
): Promise<readonly WriteResult[]> {
  const sorted = sortOperations(shape, settings, request.operations)
  const { updates, deletes, given, made, results } = sorted
  if (updates.length + deletes.length + given.length + made.length > 0) {
    const receipts = made.length > 0 && shape.schema.creation === 'receipt' ? settings.receipts : null
    if (receipts) {
      request.assertMaySend()
      await receipts.ensure(request.signal)
    }
    await settings.session.write(request, async (transaction) => {
      const context: WriteContext = { shape, transaction, returning: request.returning, results }
      if (deletes.length > 0) await writeDeletes(context, deletes)
      if (updates.length > 0) await writeUpdates(context, updates)
      if (given.length > 0) await insertGiven(context, given)
      if (made.length > 0) await insertMade(context, made, receipts)
    })
  }
  return results.map((result) => present(result, 'write result'))
}

function sortOperations(
  shape: TableShape,
  settings: WriteSettings,
  operations: readonly WriteOperation[],
): Sorted {
  const results = operations.map(() => undefined)
  const sorted: Sorted = { updates: [], deletes: [], given: [], made: [], results }
  operations.forEach((operation, index) => {
    if (operation.kind === 'update') sortUpdate(shape, sorted, operation, index)
    else if (operation.kind === 'delete') sortDelete(shape, sorted, operation, index)
    else sortInsert(shape, settings, sorted, operation, index)
  })
  checkFields(shape, sorted)
  return sorted
}

/** Throws before anything is sent when a field does not exist or cannot be written. */
function checkFields(shape: TableShape, { updates, given }: Sorted): void {
  const fields = new Set<string>()
  for (const { values } of given) for (const name in values) fields.add(name)
  for (const { name } of shape.key) fields.delete(name)
  for (const { values } of updates) for (const name in values) fields.add(name)
  writableColumns(shape, [...fields])
}

function sortUpdate(
  shape: TableShape,
  sorted: Sorted,
  { key, expectedVersion, values }: Extract<WriteOperation, { kind: 'update' }>,
  index: number,
): void {
  const keyTexts = keyParameters(shape, key)
  if (keyTexts) sorted.updates.push({ index, key, keyTexts, expectedVersion, values })
  else sorted.results[index] = { status: 'missing' }
}

function sortDelete(
  shape: TableShape,
  sorted: Sorted,
  { key, expectedVersion }: Extract<WriteOperation, { kind: 'delete' }>,
  index: number,
): void {
  const keyTexts = keyParameters(shape, key)
  if (keyTexts) sorted.deletes.push({ index, key, keyTexts, expectedVersion })
  else sorted.results[index] = { status: 'missing' }
}

function sortInsert(
  shape: TableShape,
  settings: WriteSettings,
  sorted: Sorted,
  insert: Insert,
  index: number,
): void {
  const { token } = insert
  const key = insert.key ?? keyOfValues(shape, insert.values)
  if (key !== null) {
    const keyTexts = keyParameters(shape, key)
    if (keyTexts) sorted.given.push({ index, token, key, keyTexts, values: insert.values })
    else sorted.results[index] = rejected(impossibleKey(shape, key))
    return
  }
  const problemFound = whyNotMade(shape, settings)
  if (problemFound) sorted.results[index] = rejected(problemFound)
  else sorted.made.push({ index, token, values: insert.values })
}

/** A key that is mapped like any other field. */
function keyOfValues(shape: TableShape, values: Values): string | null {
  const parts = shape.key.map((column) => values[column.name] ?? null)
  return parts.includes(null) ? null : encodeKey(parts)
}

function whyNotMade(shape: TableShape, settings: WriteSettings): Problem | null {
  const { creation, table, keyFields } = shape.schema
  if (creation === 'given') {
    const field = keyFields[0] ?? null
    return problem('VALUE_MISSING', `${table}: the new record has no key (${keyFields.join(', ')})`, {
      field,
    })
  }
  if (creation === 'receipt' || settings.acceptDuplicateRisk) return null
  return problem(
    'CREATE_NOT_IDEMPOTENT',
    `${table} makes its own keys, and connection ${settings.session.facts.name} keeps no receipts (they are off, or user ${settings.session.facts.user} may not create or use the table couplet_receipt): a record could be created twice`,
  )
}

function impossibleKey(shape: TableShape, key: string): Problem {
  const fits = decodeKey(key).length === shape.key.length
  const reason = fits ? 'does not fit the type of the key' : `needs ${shape.key.length} parts`
  return problem('VALUE_NOT_CONVERTIBLE', `${shape.schema.table}: key ${displayKey(key)} ${reason}`, {
    field: shape.schema.keyFields[0] ?? null,
    value: displayKey(key),
  })
}

function rejected(found: Problem): WriteResult {
  return { status: 'rejected', problem: found }
}
