import { SyncError } from '../../core/errors.ts'
import type { WriteOperation, WriteRequest, WriteResult } from '../../core/ports/connector.ts'
import { displayKey, encodeKey, type RecordKey } from '../../core/values/key.ts'
import type { Values } from '../../core/values/value.ts'
import type { Prepared } from './batch-writes.ts'
import { refuse } from './judge-failure.ts'
import { readByKeys } from './read-by-keys.ts'
import { idOfKey } from './rows.ts'
import { getColumns } from './shape.ts'
import { withStatePair } from './state-pair.ts'
import type { WriteAccess } from './write-access.ts'
import { bodyOf, type EntitySets, halvesToRead } from './write-body.ts'

export interface PreparedWrites {
  /** To be sent. */
  readonly operations: readonly Prepared[]
  /** Nothing is to be written, or not to the version there is: only a look tells what there is. */
  readonly checks: readonly Prepared[]
  /** By place of the operation; what needs no request has its result already. */
  readonly results: readonly (WriteResult | undefined)[]
}

/** A version that the service has given; all others are no version of any record. */
const etag = /^(W\/)?"[\x21\x23-\x7e]*"$/

/** Throws FIELD_NOT_FOUND and TABLE_NOT_USABLE before anything is sent. */
export async function prepareWrites(access: WriteAccess, request: WriteRequest): Promise<PreparedWrites> {
  const { shape, settings } = access
  const isConditional = request.operations.some(({ kind }) => kind !== 'insert')
  if (isConditional && !shape.hasVersions) throw withoutVersions(shape.schema.table)
  const columns = getColumns(shape, fieldsOf(request))
  const lookups = getColumns(
    shape,
    columns.map(({ typeOf, field }) => typeOf ?? field.name),
  )
  const tables = [...new Set(lookups.flatMap(({ targets }) => [...(targets?.keys() ?? [])]))]
  const sets: EntitySets = tables.length > 0 ? await settings.entitySets(tables, request.signal) : new Map()
  const halves = await readHalves(access, request)
  const operations: Prepared[] = []
  const checks: Prepared[] = []
  const results = request.operations.map((operation, index): WriteResult | undefined => {
    const id = idOf(access, operation)
    if (id === null) return withoutId(access, operation)
    const isSure = operation.kind === 'insert' || etag.test(operation.expectedVersion)
    if (operation.kind === 'delete') {
      const each = { operation, index, id, body: {} }
      if (isSure) operations.push(each)
      else checks.push(each)
      return undefined
    }
    const now = halves.get(operation.key ?? '') ?? {}
    const { kind } = operation
    const values = kind === 'update' ? withStatePair(operation.values, shape.stateOptions) : operation.values
    const body = bodyOf(shape, kind, values, now, sets)
    if (!body.ok) return body.result
    const isCheck = !isSure || (kind === 'update' && Object.keys(body.body).length === 0)
    const each = { operation, index, id, body: body.body }
    if (isCheck) checks.push(each)
    else operations.push(each)
    return undefined
  })
  return { operations, checks, results }
}

/** Each field that is written or to be given back, once. */
function fieldsOf({ operations, returning }: WriteRequest): readonly string[] {
  const names = new Set(returning)
  for (const operation of operations)
    if (operation.kind !== 'delete') for (const name in operation.values) names.add(name)
  return [...names]
}

function withoutVersions(table: string): SyncError {
  const message = `Table ${table} checks no versions (optimistic concurrency is off): changes by others could be overwritten`
  return new SyncError('TABLE_NOT_USABLE', message, { data: { table } })
}

function idOf({ shape }: WriteAccess, operation: WriteOperation): string | null {
  if (operation.kind !== 'insert') return idOfKey(operation.key)
  const mapped = operation.values[shape.key.field.name] ?? null
  const key: RecordKey | null = operation.key ?? (mapped === null ? null : encodeKey([mapped]))
  return key === null ? null : idOfKey(key)
}

function withoutId({ shape }: WriteAccess, operation: WriteOperation): WriteResult {
  if (operation.kind !== 'insert') return { status: 'missing' }
  const { table } = shape.schema
  const field = shape.key.field.name
  if (operation.key === null) {
    return refuse('VALUE_MISSING', `${table}: the new record has no key (${field})`, { field })
  }
  const shown = displayKey(operation.key)
  return refuse('VALUE_NOT_CONVERTIBLE', `${table}: key ${shown} is no id`, { field, value: `text:${shown}` })
}

/** Of a lookup with several tables an update may hold one half; the other one is as it is in the record. */
async function readHalves(
  access: WriteAccess,
  request: WriteRequest,
): Promise<ReadonlyMap<RecordKey, Values>> {
  const keys: RecordKey[] = []
  const fields = new Set<string>()
  for (const operation of request.operations) {
    const halves = operation.kind === 'update' ? halvesToRead(access.shape, operation.values) : []
    if (operation.kind === 'delete' || operation.key === null || halves.length === 0) continue
    keys.push(operation.key)
    for (const name of halves) fields.add(name)
  }
  if (keys.length === 0) return new Map()
  const records = await readByKeys(access, keys, [...fields], request.signal)
  return new Map([...records].map(([key, { values }]) => [key, values]))
}
