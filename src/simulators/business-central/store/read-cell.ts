import type { Cell, Row } from '../../kit/cells.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { blankId } from '../schema/field.ts'
import { fieldOf, relatedTable, type TableName } from '../schema/tables.ts'
import type { Company } from './company.ts'

/** Reads one column of a record, also those that are worked out: ids, times, ids beside codes, the date of the last change. */
export function cellReader(company: Company, table: TableName, column: string): (record: Stored) => Cell {
  switch (column) {
    case 'id':
      return (record) => record.key
    case 'systemCreatedAt':
      return (record) => record.createdMs
    case 'lastModifiedDateTime':
      return (record) => record.modifiedMs
    case 'lastDateModified':
      return (record) => new Date(record.modifiedMs).toISOString().slice(0, 10)
  }
  const codeColumn = fieldOf(table, column)?.idOf
  if (codeColumn === undefined) return (record) => record.row[column] ?? ''
  const related = relatedTable(fieldOf(table, codeColumn))
  return (record) => {
    const code = record.row[codeColumn] ?? ''
    if (related === null || code === '') return blankId
    return company.findByKey(related, [code])?.key ?? blankId
  }
}

/** A record as rules see it. */
export function rowWithId(record: Stored): Row {
  return { ...record.row, id: record.key }
}
