import type { Page, ReadRequest, RecordSnapshot } from '../../core/ports/connector.ts'
import { displayKey, type RecordKey } from '../../core/values/key.ts'
import type { Column } from './columns.ts'
import { readKeyPosition, writeKeyPosition } from './cursors.ts'
import { filterSql } from './filter-sql.ts'
import { Parameters } from './parameters.ts'
import { readPossible } from './possible-values.ts'
import type { Query, Row } from './rows.ts'
import { keyNotFound, type TableShape } from './shape.ts'
import { keyParameters, refuseNullKey, type SnapshotReader, snapshotReader } from './snapshots.ts'

/**
 * A page by key. The order is that of the key's own index, so that a page costs the same at the end of a large table as
 * at its beginning; the server that sorts also compares, so every page agrees on it whatever the collation.
 */
export async function readByKeyOrder(
  shape: TableShape,
  query: Query,
  request: Omit<ReadRequest, 'signal'>,
): Promise<Page> {
  const reader = snapshotReader(shape, request.fields)
  const rows = await query(...keyPageStatement(shape, reader, request))
  const records = rows.map(reader.read)
  checkKeysDiffer(shape, records)
  const next = nextByKey(reader, rows, request.limit)
  if (shape.isView && next === null) await checkNoNullKey(shape, query, request.filter)
  return { records, next }
}

/** The key of a view is the mapping's word only: two records under one key would be one coupling. */
function checkKeysDiffer({ schema }: TableShape, records: readonly RecordSnapshot[]): void {
  const twin = records.find((record, index) => record.key === records[index + 1]?.key)
  if (twin) throw keyNotFound(schema.table, `has several records with the key ${displayKey(twin.key)}`)
}

/** A page that begins behind a key passes over all records without one. */
async function checkNoNullKey(shape: TableShape, query: Query, filter: ReadRequest['filter']): Promise<void> {
  const parameters = new Parameters()
  const missing = shape.key.map((column) => `${column.sql} IS NULL`)
  const conditions = [`(${missing.join(' OR ')})`]
  if (filter) conditions.push(filterSql(filter, shape, parameters))
  const sql = `SELECT ${missing.join(', ')} FROM ${shape.sql} AS t ${where(conditions)} LIMIT 1`
  const [row] = await query(sql, parameters.values)
  const field = shape.key[row?.indexOf('t') ?? -1]
  if (field) refuseNullKey(shape, field.name)
}

/** Where the next page begins, or null after a page that is not full. */
function nextByKey(reader: SnapshotReader, rows: readonly Row[], limit: number): string | null {
  const last = rows.at(-1)
  return last && rows.length >= limit ? writeKeyPosition(reader.keyTexts(last)) : null
}

function keyPageStatement(
  shape: TableShape,
  reader: SnapshotReader,
  request: Omit<ReadRequest, 'signal'>,
): Statement {
  const parameters = new Parameters()
  const conditions = request.filter ? [filterSql(request.filter, shape, parameters)] : []
  const after = readKeyPosition(request.cursor, shape.key.length)
  if (after) conditions.push(isAfter(shape.key, after, parameters))
  return [
    `SELECT ${reader.selectList} FROM ${shape.sql} AS t ${where(conditions)}
     ORDER BY ${orderByKey(shape)} LIMIT ${parameters.add(request.limit, 'int8')}`,
    parameters.values,
  ]
}

type Statement = readonly [sql: string, values: Parameters['values']]

export function where(conditions: readonly string[]): string {
  return conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
}

export function orderByKey(shape: TableShape): string {
  return shape.key.map((column) => column.sql).join(', ')
}

/** Behind a position in the order of these columns. */
export function isAfter(
  columns: readonly Column[],
  position: readonly string[],
  parameters: Parameters,
): string {
  const values = columns.map((column, index) => parameters.add(position[index] ?? null, column.sqlType))
  return `(${columns.map((column) => column.sql).join(', ')}) > (${values.join(', ')})`
}

/** Keys that no record can have are left out before they reach a statement. */
export async function readRecordsByKeys(
  shape: TableShape,
  query: Query,
  keys: readonly RecordKey[],
  fields: readonly string[],
): Promise<ReadonlyMap<RecordKey, RecordSnapshot>> {
  const reader = snapshotReader(shape, fields)
  const found = new Map<RecordKey, RecordSnapshot>()
  for (let start = 0; start < keys.length; start += keysPerStatement) {
    const texts = keys.slice(start, start + keysPerStatement).map((key) => keyParameters(shape, key))
    const possible = texts.filter((parts) => parts !== null)
    await readPossible(possible, async (part) => {
      const parameters = new Parameters()
      const sql = `SELECT ${reader.selectList} FROM ${shape.sql} AS t WHERE ${hasKey(shape, part, parameters)}`
      for (const row of await query(sql, parameters.values)) {
        const record = reader.read(row)
        found.set(record.key, record)
      }
    })
  }
  return found
}

const keysPerStatement = 5_000

function hasKey(shape: TableShape, keys: readonly (readonly string[])[], parameters: Parameters): string {
  const arrays = shape.key.map((column, index) =>
    parameters.add(
      keys.map((key) => key[index] ?? null),
      `${column.sqlType}[]`,
    ),
  )
  const [only, ...more] = shape.key
  if (only && more.length === 0) return `${only.sql} = ANY (${arrays[0]})`
  const names = shape.key.map((_, index) => `k${index}`)
  return `(${orderByKey(shape)}) IN (SELECT ${names.join(', ')} FROM unnest(${arrays.join(', ')}) AS v(${names.join(', ')}))`
}

/** Keys only, by key. */
export async function readKeyPage(
  shape: TableShape,
  query: Query,
  request: { readonly cursor: string | null; readonly limit: number },
): Promise<{ keys: readonly RecordKey[]; next: string | null }> {
  const page = await readByKeyOrder(shape, query, { ...request, fields: [], filter: null })
  return { keys: page.records.map((record) => record.key), next: page.next }
}
