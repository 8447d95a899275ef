import type { RecordSnapshot } from '../../core/ports/connector.ts'
import { decodeKey, encodeKey, type RecordKey } from '../../core/values/key.ts'
import { rawOf, tagOf, type Value, type Values } from '../../core/values/value.ts'
import { present } from '../../lib/assert.ts'
import type { Column } from './columns.ts'
import type { Row } from './rows.ts'
import { getColumns, keyNotFound, type TableShape } from './shape.ts'

/** What a statement has to select, and how its rows become records. Columns of the statement may come before. */
export interface SnapshotReader {
  readonly selectList: string
  readonly read: (row: Row) => RecordSnapshot
  /** The key columns as the server gave them, for the cursor. */
  readonly keyTexts: (row: Row) => readonly string[]
}

/** Each column is selected once, however many roles it has. */
export function snapshotReader(shape: TableShape, fields: readonly string[], offset = 0): SnapshotReader {
  const columns: Column[] = []
  const place = (column: Column): PlacedColumn => {
    const known = columns.indexOf(column)
    const at = offset + 1 + (known >= 0 ? known : columns.push(column) - 1)
    return { name: column.name, at, codec: column.codec }
  }
  const key = shape.key.map(place)
  const modified = shape.modified && place(shape.modified)
  const wanted = getColumns(shape, fields).map(place)
  return {
    selectList: [shape.versionSql, ...columns.map((column) => column.sql)].join(', '),
    keyTexts: (row) => key.map(({ at, name }) => row[at] ?? refuseNullKey(shape, name)),
    read: (row) =>
      new RowRecord(
        encodeKey(key.map((column) => valueAt(row, column) ?? refuseNullKey(shape, column.name))),
        present(row[offset], 'version'),
        modified && modifiedAt(valueAt(row, modified)),
        row,
        wanted,
      ),
  }
}

/** Only a view can hold one: a record that cannot be named cannot be coupled, and must not be passed over either. */
export function refuseNullKey(shape: TableShape, field: string): never {
  throw keyNotFound(shape.schema.table, `has a record whose key field ${field} is null`)
}

interface PlacedColumn {
  readonly name: string
  readonly at: number
  readonly codec: Column['codec']
}

/** A record that decodes its values when they are first asked for: a compare settles most records by their version. */
class RowRecord implements RecordSnapshot {
  readonly key: RecordKey
  readonly version: string
  readonly modifiedAt: string | null
  #row: Row
  readonly #wanted: readonly PlacedColumn[]
  #values: Values | null = null

  constructor(
    key: RecordKey,
    version: string,
    modified: string | null,
    row: Row,
    wanted: readonly PlacedColumn[],
  ) {
    this.key = key
    this.version = version
    this.modifiedAt = modified
    this.#row = row
    this.#wanted = wanted
  }

  get values(): Values {
    if (this.#values === null) {
      const values: Record<string, Value> = {}
      for (const column of this.#wanted) values[column.name] = valueAt(this.#row, column)
      this.#values = values
      this.#row = []
    }
    return this.#values
  }
}

function valueAt(row: Row, { at, codec }: PlacedColumn): Value {
  const raw = row[at] ?? null
  return raw === null ? null : codec.decode(raw)
}

/** A date counts as its first moment. */
function modifiedAt(value: Value): string | null {
  if (value === null) return null
  return tagOf(value) === 'date' ? `${rawOf(value)}T00:00:00.000000` : rawOf(value)
}

/** The key as parameter texts, or null when no record of this table can have it. */
export function keyParameters(shape: TableShape, key: RecordKey): readonly string[] | null {
  const parts = decodeKey(key)
  if (parts.length !== shape.key.length) return null
  const texts = shape.key.map((column, index) => keyPart(column, present(parts[index], 'key part')))
  return texts.every((text) => text !== null) ? texts : null
}

const largest = 9_223_372_036_854_775_807n

function keyPart(column: Column, part: NonNullable<Value>): string | null {
  const { kind } = column.field.type
  if (tagOf(part) !== column.codec.tag || part.includes('\0')) return null
  const text = column.codec.encode(part)
  if (kind === 'integer' && (BigInt(text) > largest || BigInt(text) < -largest - 1n)) return null
  return text
}
