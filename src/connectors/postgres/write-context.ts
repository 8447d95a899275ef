import { type Problem, SyncError } from '../../core/errors.ts'
import type { WriteResult } from '../../core/ports/connector.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Values } from '../../core/values/value.ts'
import { type Column, encodeValue } from './columns.ts'
import type { Parameters } from './parameters.ts'
import { isLockTimeout, recordProblem } from './record-problems.ts'
import { getColumns, type TableShape } from './shape.ts'
import type { Transaction } from './transaction.ts'

/** What the parts of one write share. Results are filed under the position of the operation. */
export interface WriteContext {
  readonly shape: TableShape
  readonly transaction: Transaction
  readonly returning: readonly string[]
  readonly results: (WriteResult | undefined)[]
}

/** A record to be created whose key is known before it is written. */
export interface KeyedInsert {
  readonly index: number
  readonly token: string
  readonly key: RecordKey
  readonly keyTexts: readonly string[]
  /** Key fields among them are left aside: the key says it all. */
  readonly values: Values
}

/** Statements are built per list of fields: a field that is left out keeps its value, or gets its default. */
export function fieldSet(values: Values): string {
  return JSON.stringify(Object.keys(values))
}

/** The fields of a new record beside its key. */
export function fieldsBesideKey(shape: TableShape, values: Values): readonly string[] {
  return Object.keys(values).filter((name) => !shape.schema.keyFields.includes(name))
}

/** The columns of fields to be written; throws FIELD_NOT_FOUND, for columns the table computes itself as well. */
export function writableColumns(shape: TableShape, fields: readonly string[]): readonly Column[] {
  const columns = getColumns(shape, fields)
  const computed = columns.find((column) => !column.field.writable)
  if (!computed) return columns
  throw new SyncError(
    'FIELD_NOT_FOUND',
    `Table ${shape.schema.table}: column "${computed.name}" cannot be written, the database fills it`,
    { data: { table: shape.schema.table, field: computed.name } },
  )
}

/** One array parameter per column. */
export function valueArrays(
  columns: readonly Column[],
  records: readonly { readonly values: Values }[],
  parameters: Parameters,
): readonly string[] {
  return columns.map((column) =>
    parameters.add(
      records.map(({ values }) =>
        Object.hasOwn(values, column.name) ? encodeValue(column, values[column.name] ?? null) : null,
      ),
      `${column.sqlType}[]`,
    ),
  )
}

/** One array parameter per key column. */
export function keyArrays(
  shape: TableShape,
  records: readonly { readonly keyTexts: readonly string[] }[],
  parameters: Parameters,
): readonly string[] {
  return shape.key.map((column, index) =>
    parameters.add(
      records.map(({ keyTexts }) => keyTexts[index] ?? null),
      `${column.sqlType}[]`,
    ),
  )
}

export function reject(context: WriteContext, index: number, found: Problem): void {
  context.results[index] = { status: 'rejected', problem: found }
}

/** Files the error of a statement that held this record alone; a lock that was not to be had is no fault of the record. */
export function rejectByError(
  context: WriteContext,
  record: { readonly index: number; readonly values: Values },
  error: unknown,
): void {
  if (isLockTimeout(error)) context.results[record.index] = { status: 'locked' }
  else reject(context, record.index, recordProblem(context.shape, record.values, error))
}
