import type { Cell, Row } from '../../kit/cells.ts'
import { refusals } from '../errors.ts'
import { blankId, type Table } from '../schema/field.ts'
import { fieldOf, relatedTable, type TableName, tables } from '../schema/tables.ts'

/** What rules may look up. */
export interface Lookups {
  /** By primary key of one column, capitals not counting. */
  findByKey(table: TableName, key: string): Row | null
  findById(table: TableName, id: string): Row | null
}

/**
 * Brings ids and codes that mean one record into step, and refuses codes and ids that nobody has (connectors.md B.5).
 * Takes and returns values by column; ids are gone from the result.
 */
export function settleRelated(
  table: TableName,
  sent: ReadonlyMap<string, Cell>,
  lookups: Lookups,
): ReadonlyMap<string, Cell> {
  const settled = new Map(sent)
  for (const [column, value] of sent) {
    const field = fieldOf(table, column)
    if (field?.idOf === undefined) continue
    settled.delete(column)
    settled.set(field.idOf, codeOfId(table, column, field.idOf, String(value), sent, lookups))
  }
  for (const [column, value] of settled) checkRelation(table, column, String(value), lookups)
  return settled
}

function codeOfId(
  table: TableName,
  idColumn: string,
  codeColumn: string,
  id: string,
  sent: ReadonlyMap<string, Cell>,
  lookups: Lookups,
): string {
  const related = relatedTable(fieldOf(table, codeColumn))
  if (related === null) throw new Error(`Column ${codeColumn} of ${table} has no relation`)
  const target: Table = tables[related]
  const row = id === blankId ? null : lookups.findById(related, id)
  if (id !== blankId && row === null) throw refusals.unknownId(idColumn, target.caption)
  const code = row === null ? '' : String(row[target.key[0]])
  const sentCode = sent.get(codeColumn)
  if (sentCode !== undefined && sentCode !== code) {
    throw refusals.valuesDisagree(idColumn.replace(/Id$/, ''), target.caption)
  }
  return code
}

function checkRelation(table: TableName, column: string, value: string, lookups: Lookups): void {
  const field = fieldOf(table, column)
  const related = relatedTable(field)
  if (related === null || value === '' || lookups.findByKey(related, value) !== null) return
  throw refusals.tableRelation(
    tables[table].caption,
    field?.caption ?? column,
    value,
    tables[related].caption,
  )
}
