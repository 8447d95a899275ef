import type { AdminRecord, AdminSite } from '../../kit/admin.ts'
import type { Cell } from '../../kit/cells.ts'
import type { RecordEdit } from '../../kit/faults.ts'
import { HttpProblem } from '../../kit/http.ts'
import { type JsonValue, NumberText } from '../../kit/json.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { refusals } from '../errors.ts'
import { readValue } from '../rules/read-body.ts'
import { AddedTable, addTable } from '../schema/added-tables.ts'
import type { Field } from '../schema/field.ts'
import { wholeTable } from '../schema/pages.ts'
import { fieldOf, type TableName, tableNames, tables } from '../schema/tables.ts'
import type { Company } from '../store/company.ts'
import { cellReader } from '../store/read-cell.ts'
import { deleteRecord, insertRecord, updateRecord } from '../store/write-record.ts'
import type { Webhooks } from '../webhooks/subscriptions.ts'
import { pageFilter } from './filter.ts'
import type { Books } from './located.ts'
import { timeText } from './write-row.ts'

/** What people can look at and change past sign-in and limits. Tables of other companies than the first: `{company}:{table}`. */
export function createAdmin(books: Books, webhooks: Webhooks, reset: () => void): AdminSite {
  const find = (name: string) => findTable(books, name)
  return {
    tables: () =>
      books.companies.flatMap((company, index) =>
        tableNames.map((name) => ({
          name: index === 0 ? name : `${company.name}:${name}`,
          records: company.table(name).count(),
          kept: company.table(name).kept(),
        })),
      ),
    records(name, { filter, after, top }) {
      const { company, table } = find(name)
      const test = filter === null ? null : pageFilter(filter, wholeTable(table), company).test
      const from = after === null ? undefined : { key: after, modifiedMs: 0, version: 0, inclusive: false }
      const found: AdminRecord[] = []
      for (const record of company.table(table).scan('key', from)) {
        if (found.length >= top) break
        if (test === null || test(record)) found.push(shown(company, table, record))
      }
      return found
    },
    record(name, key) {
      const { company, table } = find(name)
      const record = recordBy(company, table, key)
      return record === null ? null : shown(company, table, record)
    },
    edit: (edit) => editRecord(edit, find(edit.table), books),
    reset,
    extra(name, body) {
      if (name === 'added-tables') return addTable(AddedTable.parse(body))
      return name === 'subscriptions' ? webhooks.list() : null
    },
  }
}

function findTable(books: Books, name: string): { company: Company; table: TableName } {
  const [last = '', ...before] = name.split(':').reverse()
  const companyName = before.reverse().join(':')
  const company =
    companyName === '' ? books.companies[0] : books.companies.find((each) => each.name === companyName)
  const table = last in tables ? (last as TableName) : undefined
  if (company === undefined || table === undefined)
    throw new HttpProblem(404, '', `There is no table ${name}.`)
  return { company, table }
}

/** By id, or by a primary key of one column. */
function recordBy(company: Company, table: TableName, key: string): Stored | null {
  return company.table(table).get(key.toLowerCase()) ?? company.findByKey(table, [key])
}

function shown(company: Company, table: TableName, record: Stored): AdminRecord {
  const columns = [...wholeTable(table).columns.values()]
  return Object.fromEntries(
    columns.map((column) => {
      const cell = cellReader(company, table, column)(record)
      const isTime = fieldOf(table, column)?.type.kind === 'dateTime'
      return [column, isTime ? timeText(Number(cell)) : cell]
    }),
  )
}

function editRecord(
  { action, key, values }: RecordEdit,
  { company, table }: { company: Company; table: TableName },
  books: Books,
): AdminRecord | null {
  const context = { company, nowMs: books.nowMs(), duplicateStatus: books.duplicateStatus }
  const { written, computed } = cellsOf(table, values)
  const before = action === 'insert' ? null : recordBy(company, table, key ?? '')
  if (action !== 'insert' && before === null) throw refusals.noRecord(tables[table].caption)
  if (action === 'delete' && before !== null) {
    deleteRecord(table, before, context)
    return null
  }
  return company.atomically(() => {
    const record =
      before === null ? insertRecord(table, written, context) : updateRecord(table, before, written, context)
    const settled = computed.size === 0 ? record : company.update(table, record, Object.fromEntries(computed))
    return shown(company, table, settled)
  })
}

/** Columns that the system computes are set as told: an inventory changes by postings that are not simulated. */
function cellsOf(table: TableName, values: Readonly<Record<string, unknown>>) {
  const [written, computed] = [new Map<string, Cell>(), new Map<string, Cell>()]
  for (const [column, value] of Object.entries(values)) {
    const field = fieldOf(table, column)
    if (field === undefined) throw refusals.unknownProperty(column, table)
    const target = field.readOnly ? computed : written
    target.set(column, readValue(column, field.type, jsonValue(field, value)))
  }
  return { written, computed }
}

/** Decimals may come as text, so that people need not think about floats. */
function jsonValue({ type }: Field, value: unknown): JsonValue {
  const isNumeric = ['decimal', 'integer', 'bigInteger'].includes(type.kind)
  return isNumeric ? new NumberText(String(value)) : (value as JsonValue)
}
