import type { BoundFilter } from '../../core/mapping/filter.ts'
import { filterFields } from '../../core/mapping/filter-bind.ts'
import { matchesFilter } from '../../core/mapping/filter-match.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import { decodeKey, encodeKey, type RecordKey } from '../../core/values/key.ts'
import { rawOf, type Value, type Values } from '../../core/values/value.ts'
import { answerInvalid } from '../http/failures.ts'
import { etagOf, type ODataRow } from '../odata/page.ts'
import type { Preferences } from '../odata/prefer.ts'
import type { Column } from './column.ts'
import { getColumns, type TableShape } from './shape.ts'
import { lookupAnnotation, readValue } from './values.ts'

/** What is asked for so that records of some fields can be made of the answer. */
export interface Selection {
  readonly select: readonly string[]
  readonly prefer: Preferences
}

/** Throws FIELD_NOT_FOUND. `more`: fields that are looked at but not given on. */
export function selectionOf(
  shape: TableShape,
  fields: readonly string[],
  more: readonly string[] = [],
): Selection {
  const columns = [shape.key, ...getColumns(shape, [...fields, ...more])]
  const all = shape.modified ? [...columns, shape.modified] : columns
  const needsTargets = all.some(({ typeOf }) => typeOf !== null)
  return {
    select: [...new Set(all.map(({ property }) => property))],
    prefer: needsTargets ? { includeAnnotations: lookupAnnotation } : {},
  }
}

/** Makes records of rows. Throws ANSWER_INVALID, for a value when the values are first asked for. */
export function recordReader(
  shape: TableShape,
  fields: readonly string[],
): (row: ODataRow) => RecordSnapshot {
  const columns = getColumns(shape, fields)
  return (row) => {
    const version = etagOf(row)
    if (version === null) {
      throw answerInvalid(shape.facts, `holds a record of ${shape.schema.table} without a version`)
    }
    const modified = shape.modified ? valueOfColumn(shape, shape.modified, row) : null
    return new RowSnapshot(keyOf(shape, row), version, timeOf(modified), () =>
      readValues(shape, columns, row),
    )
  }
}

/** A day counts as its first moment. */
function timeOf(modified: Value): string | null {
  if (modified === null) return null
  return modified.startsWith('date:') ? `${rawOf(modified)}T00:00:00.000000` : rawOf(modified)
}

/** Values are computed when they are first asked for: of a record whose version is known nobody does. */
class RowSnapshot implements RecordSnapshot {
  readonly key: RecordKey
  readonly version: string
  readonly modifiedAt: string | null
  private read: (() => Values) | null
  private known: Values = {}

  constructor(key: RecordKey, version: string, modifiedAt: string | null, read: () => Values) {
    this.key = key
    this.version = version
    this.modifiedAt = modifiedAt
    this.read = read
  }

  get values(): Values {
    if (this.read) {
      this.known = this.read()
      this.read = null
    }
    return this.known
  }
}

function readValues(shape: TableShape, columns: readonly Column[], row: ODataRow): Values {
  const values: Record<string, Value> = {}
  for (const column of columns) values[column.field.name] = valueOfColumn(shape, column, row)
  return values
}

export function valueOfColumn(shape: TableShape, column: Column, row: ODataRow): Value {
  const value = readValue(column, row)
  if (value !== undefined) return value
  const reason = column.property in row ? `no ${column.field.type.kind}` : 'nothing'
  throw answerInvalid(shape.facts, `holds ${reason} in ${column.field.name} of ${shape.schema.table}`)
}

export function keyOf(shape: TableShape, row: ODataRow): RecordKey {
  return encodeKey([valueOfColumn(shape, shape.key, row)])
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The id a key stands for; null where no record can have this key. */
export function idOfKey(key: RecordKey): string | null {
  const [only, ...more] = decodeKey(key)
  const raw = only?.startsWith('uuid:') && more.length === 0 ? rawOf(only) : ''
  return guid.test(raw) ? raw : null
}

export function keyOfId(id: string): RecordKey {
  return encodeKey([`uuid:${id.toLowerCase()}`])
}

/** The test that the service could not make, or could make only in part. */
export function passesFilter(shape: TableShape, filter: BoundFilter | null): (row: ODataRow) => boolean {
  if (filter === null) return () => true
  const columns = getColumns(shape, filterFields(filter))
  return (row) => {
    const values = Object.fromEntries(
      columns.map((column) => [column.field.name, valueOfColumn(shape, column, row)]),
    )
    return matchesFilter(filter, values, shape.schema.fields)
  }
}
