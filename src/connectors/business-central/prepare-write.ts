import { type Problem, problem } from '../../core/errors.ts'
import type { WriteOperation, WriteResult } from '../../core/ports/connector.ts'
import { shortened } from '../../core/values/conversion.ts'
import { decodeKey, displayKey } from '../../core/values/key.ts'
import { rawOf, type Value, type Values } from '../../core/values/value.ts'
import type { Json, JsonObject } from '../odata/json.ts'
import { assertWritable, type WireField } from './fields.ts'
import type { Part } from './parts.ts'
import { recordPath } from './rows.ts'
import type { TableShape } from './shape.ts'
import { writeValue } from './values.ts'

/** An operation with the request that carries it out. */
export interface PreparedWrite {
  readonly index: number
  readonly operation: WriteOperation
  readonly part: Part
}

/** What needs no request has its result already. */
export type Preparation = { readonly write: PreparedWrite } | { readonly result: WriteResult }

/** Throws FIELD_NOT_FOUND before anything is sent when a field does not exist or cannot be written. */
export function prepareWrite(
  shape: TableShape,
  operation: WriteOperation,
  index: number,
  acceptDuplicateRisk: boolean,
): Preparation {
  if (operation.kind === 'insert') return prepareInsert(shape, operation, index, acceptDuplicateRisk)
  const path = recordPath(shape, operation.key)
  if (operation.kind === 'update') assertWritable(shape, Object.keys(operation.values))
  if (path === null) return { result: { status: 'missing' } }
  const headers = { 'if-match': operation.expectedVersion }
  if (operation.kind === 'delete') {
    return { write: { index, operation, part: { method: 'DELETE', path, headers, body: null } } }
  }
  const written = bodyOf(shape, operation.values)
  if ('problem' in written) return { result: { status: 'rejected', ...written } }
  return { write: { index, operation, part: { method: 'PATCH', path, headers, ...written } } }
}

type Insert = Extract<WriteOperation, { kind: 'insert' }>

function prepareInsert(
  shape: TableShape,
  operation: Insert,
  index: number,
  acceptDuplicateRisk: boolean,
): Preparation {
  const values = { ...operation.values, ...valuesOfKey(shape, operation) }
  assertWritable(shape, Object.keys(values))
  const written = bodyOf(shape, values)
  if ('problem' in written) return { result: { status: 'rejected', ...written } }
  const missing = acceptDuplicateRisk ? null : findMissingGuard(shape, operation, values)
  if (missing) return { result: { status: 'rejected', problem: missing } }
  const part: Part = { method: 'POST', path: shape.path, headers: {}, ...written }
  return { write: { index, operation: { ...operation, values }, part } }
}

function valuesOfKey(shape: TableShape, { key }: Insert): Values {
  if (key === null) return {}
  const parts = decodeKey(key)
  return Object.fromEntries(shape.key.map(({ schema }, place) => [schema.name, parts[place] ?? null]))
}

/** What tells a record of the table from all others before the system has given it an id. */
export function guardFields({ schema }: Pick<TableShape, 'schema'>): readonly string[] {
  if (schema.creation === 'given') return schema.keyFields
  return schema.creation === 'business-key' ? (schema.businessKey ?? []) : []
}

/** A number that is left empty is drawn from a series, twice if need be: only who can recognise the record may leave it. */
function findMissingGuard(shape: TableShape, operation: Insert, values: Values): Problem | null {
  const { table, recognisable } = shape.schema
  const guard = guardFields(shape)
  if (guard.length === 0 || guard.every((name) => !(name in values))) {
    if (recognisable) return null
    return problem(
      'CREATE_NOT_IDEMPOTENT',
      `${table} makes its own keys, and nothing that is sent tells whether the record has been created already`,
    )
  }
  const field = guard.find((name) => (values[name] ?? null) === null)
  if (field === undefined) return operation.key === null ? null : findBadKey(shape, operation.key)
  return problem(
    'VALUE_MISSING',
    `${table}: the new record has no ${field}, by which it would be found again`,
    { field },
  )
}

function findBadKey(shape: TableShape, key: string): Problem | null {
  if (recordPath(shape, key) !== null) return null
  const message = `${shape.schema.table}: key ${displayKey(key)} does not fit the key of the table`
  return problem('VALUE_NOT_CONVERTIBLE', message, {
    field: shape.schema.keyFields[0] ?? null,
    value: displayKey(key),
  })
}

type Body = { readonly body: JsonObject } | { readonly problem: Problem }

/** The body that writes these values, or what is wrong with the first one that cannot be written. */
function bodyOf({ schema: { table }, fields }: TableShape, values: Values): Body {
  const body: Record<string, Json> = {}
  for (const name of Object.keys(values)) {
    const field = fields.get(name)
    if (field === undefined) continue
    const value = values[name] ?? null
    const problem = misfit(table, field, value) ?? put(table, field, value, body)
    if (problem) return { problem }
  }
  return { body }
}

function misfit(table: string, { schema: { name: field, type, nullable } }: WireField, value: Value) {
  if (value === null)
    return nullable ? null : problem('VALUE_MISSING', `${table}: ${field} needs a value`, { field })
  const isText = type.kind === 'text' || type.kind === 'code'
  // A character is one or two code units: only a text with more units than characters allowed has to be counted.
  const raw = rawOf(value)
  if (!isText || type.maxLength === null || raw.length <= type.maxLength) return null
  const length = Array.from(raw).length
  if (length <= type.maxLength) return null
  const message = `${table}: ${field} takes ${type.maxLength} characters, the value has ${length}`
  return problem('VALUE_TRUNCATED', message, { field, value: raw.slice(0, 200) })
}

function put(
  table: string,
  { schema, members }: WireField,
  value: Value,
  body: Record<string, Json>,
): Problem | null {
  try {
    body[schema.name] = writeValue(value, schema.type, members)
    return null
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return problem('VALUE_NOT_CONVERTIBLE', `${table}: ${schema.name} cannot hold ${shortened(value)}`, {
      field: schema.name,
      value: rawOf(value).slice(0, 200),
    })
  }
}
