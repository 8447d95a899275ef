import type { Cell, Row } from '../../kit/cells.ts'
import { seedModifiedMs } from '../../kit/seed/times.ts'
import { guidKeys, type RowSource } from '../../kit/table/row-source.ts'
import { blankOf, type Table } from '../schema/field.ts'
import { type TableName, tables } from '../schema/tables.ts'

/** What a table starts with: values of a record by its position, and positions by the values of an index. */
export interface Seeded {
  readonly count: number
  rowAt(position: number): Readonly<Record<string, Cell>>
  /** By name of the index; an index that is left out finds nothing. */
  readonly positions: Readonly<Record<string, (values: readonly Cell[]) => readonly number[]>>
}

const blankRows = new Map<TableName, Row>()

/** A record of a table in which nothing has been entered. */
export function blankRow(table: TableName): Row {
  const known = blankRows.get(table)
  if (known) return known
  const { fields }: Table = tables[table]
  const stored = Object.entries(fields).filter(([, field]) => field.idOf === undefined)
  const row = Object.fromEntries(stored.map(([column, { type }]) => [column, blankOf(type)]))
  blankRows.set(table, row)
  return row
}

/** `tag` makes the ids of a table different from those of any other; versions begin behind `versionBase`. */
export function sourceOf(
  table: TableName,
  seeded: Seeded,
  { tag, versionBase }: { readonly tag: number; readonly versionBase: number },
): RowSource {
  const keys = guidKeys(tag, seeded.count)
  const versionAt = (position: number): number => versionBase + position + 1
  return {
    ...keys,
    count: seeded.count,
    versionAt,
    modifiedAt: seedModifiedMs,
    storedAt: (position) => ({
      key: keys.keyAt(position),
      row: { ...blankRow(table), ...seeded.rowAt(position) },
      version: versionAt(position),
      createdMs: seedModifiedMs(position),
      modifiedMs: seedModifiedMs(position),
    }),
    find: (index, values) => seeded.positions[index]?.(values) ?? [],
  }
}

/** A short list of records, found by the columns of the primary key and by any other column that is named. */
export function seededList(
  table: TableName,
  rows: readonly Readonly<Record<string, Cell>>[],
  others: Readonly<Record<string, string>> = {},
): Seeded {
  const { key }: Table = tables[table]
  const indexes = {
    key,
    ...Object.fromEntries(Object.entries(others).map(([index, column]) => [index, [column]])),
  }
  return {
    count: rows.length,
    rowAt: (position) => rows[position] ?? {},
    positions: Object.fromEntries(
      Object.entries(indexes).map(([index, columns]) => [index, positionsBy(rows, columns)]),
    ),
  }
}

function positionsBy(rows: readonly Readonly<Record<string, Cell>>[], columns: readonly string[]) {
  const positions = new Map<string, number[]>()
  rows.forEach((row, position) => {
    const text = textOf(columns.map((column) => row[column] ?? ''))
    positions.set(text, [...(positions.get(text) ?? []), position])
  })
  return (values: readonly Cell[]): readonly number[] => positions.get(textOf(values)) ?? []
}

const textOf = (values: readonly Cell[]): string => JSON.stringify(values).toLowerCase()
