import type { BoundFilter } from '../../core/mapping/filter.ts'
import { filterFields } from '../../core/mapping/filter-bind.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import { decodeKey, encodeKey, type RecordKey } from '../../core/values/key.ts'
import { rawOf, type Value, type Values } from '../../core/values/value.ts'
import { answerInvalid } from '../http/failures.ts'
import { etagOf, type ODataRow } from '../odata/page.ts'
import { entityPath, type KeyPart } from '../odata/query.ts'
import { getField, getFields, type WireField } from './fields.ts'
import type { TableShape } from './shape.ts'
import { readValue } from './values.ts'

/** Names to select, so that a record of these fields can be made of a row, and a filter be evaluated on it. */
export function selection(
  shape: TableShape,
  fields: readonly string[],
  filter: BoundFilter | null,
): readonly string[] {
  const needed = [...shape.key, ...(shape.modified ? [shape.modified.field] : [])].map(
    ({ schema }) => schema.name,
  )
  const wanted = [...fields, ...(filter ? filterFields(filter) : [])]
  getFields(shape, wanted)
  return [...new Set([...needed, ...wanted])]
}

/** Values of a row by field; only the fields asked for. Throws ANSWER_INVALID for one that is missing or of another type. */
export function valuesOf(shape: TableShape, row: ODataRow, fields: readonly string[]): Values {
  const values: Record<string, Value> = {}
  for (const name of fields)
    values[name] = fieldValue(shape, row, getField(shape.schema.table, shape.fields, name))
  return values
}

/** One record out of a row that has everything `selection` names. */
export function snapshotOf(shape: TableShape, row: ODataRow, fields: readonly string[]): RecordSnapshot {
  const version = etagOf(row)
  if (version === null)
    throw answerInvalid(shape.facts, `holds a record of ${shape.schema.table} without @odata.etag`)
  const modifiedAt = shape.modified ? fieldValue(shape, row, shape.modified.field) : null
  return {
    key: keyOfRow(shape, row),
    version,
    modifiedAt: modifiedAt === null ? null : rawOf(modifiedAt),
    values: valuesOf(shape, row, fields),
  }
}

function fieldValue(
  { facts, schema: { table } }: TableShape,
  row: ODataRow,
  { schema, members }: WireField,
): Value {
  const value = readValue(row[schema.name], schema.type, members)
  if (value !== undefined) return value
  const reason = schema.name in row ? `no ${schema.type.kind} that the metadata knows` : 'nothing'
  throw answerInvalid(facts, `holds ${reason} in field ${schema.name} of ${table}`)
}

/** The key of a record; a key field that is empty holds the empty text. */
function keyOfRow(shape: TableShape, row: ODataRow): RecordKey {
  return encodeKey(shape.key.map((field) => fieldValue(shape, row, field) ?? 'text:'))
}

const kindTags: Readonly<Record<string, string>> = {
  code: 'text',
  integer: 'int',
  decimal: 'dec',
  boolean: 'bool',
  option: 'int',
}

/** The parts of a key for an address; null where no record of the table can have this key. */
function keyParts(shape: TableShape, key: RecordKey): readonly KeyPart[] | null {
  const values = decodeKey(key)
  if (values.length !== shape.key.length) return null
  const fits = shape.key.every(({ schema }, index) =>
    values[index]?.startsWith(`${kindTags[schema.type.kind] ?? schema.type.kind}:`),
  )
  if (!fits) return null
  const parts: KeyPart[] = []
  for (const [index, { schema, type, members }] of shape.key.entries()) {
    const value = members ? memberText(members, values[index] ?? null) : (values[index] ?? null)
    if (value === null) return null
    parts.push({ name: schema.name, type, value })
  }
  return parts
}

function memberText(members: ReadonlyMap<string, string>, value: Value): NonNullable<Value> | null {
  const name = [...members].find(([, number]) => number === rawOf(value))?.[0]
  return name === undefined ? null : `text:${name}`
}

/** Path of one record below the root, percent-encoded; null where the key cannot be written as an address. */
export function recordPath(shape: TableShape, key: RecordKey): string | null {
  const parts = keyParts(shape, key)
  if (parts === null) return null
  const cut = shape.path.lastIndexOf('/') + 1
  const entitySet = decodeURIComponent(shape.path.slice(cut))
  try {
    return shape.path.slice(0, cut) + entityPath(entitySet, parts)
  } catch (error) {
    // Half a character, or digits that are none: nothing of the table has such a key.
    if (error instanceof RangeError) return null
    throw error
  }
}
