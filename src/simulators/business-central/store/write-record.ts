import type { Cell, Row } from '../../kit/cells.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { refusals } from '../errors.ts'
import { numberSeries } from '../rules/number-series.ts'
import { settleRelated } from '../rules/related.ts'
import type { Consequence, Draft, RuleFacts } from '../rules/rule.ts'
import { rules } from '../rules/table-rules.ts'
import { isAdded } from '../schema/added-tables.ts'
import type { Table } from '../schema/field.ts'
import { type TableName, tables } from '../schema/tables.ts'
import { blankRow } from '../seed/source.ts'
import type { Company } from './company.ts'
import { rowWithId } from './read-cell.ts'

/** How the service answers a key that is taken: 400 and 409 have both been seen (connectors.md B.7). */
export type DuplicateStatus = 400 | 409

/** What a write needs to know besides the company. */
export interface WriteContext {
  readonly company: Company
  readonly nowMs: number
  readonly duplicateStatus: DuplicateStatus
}

/** Inserts a record with what was sent, the defaults and the business logic. Throws the product's own refusal. */
export function insertRecord(
  table: TableName,
  sent: ReadonlyMap<string, Cell>,
  context: WriteContext,
): Stored {
  const { company } = context
  return company.atomically(() => {
    const facts = factsOf(context)
    const values = Object.fromEntries(settleRelated(table, sent, facts))
    const numbered = { ...values, ...drawnNumber(table, values, company) }
    const after = { ...blankRow(table), ...numbered }
    requireKey(table, after)
    refuseDuplicate(table, after, null, context)
    const { changes, consequences } = applyRules(
      table,
      { before: null, after, sent: new Set(sent.keys()) },
      facts,
    )
    const record = company.insert(table, { ...after, ...changes })
    for (const each of consequences) follow(each, company)
    return record
  })
}

/** Changes a record. One that stays as it is keeps its version. */
export function updateRecord(
  table: TableName,
  record: Stored,
  sent: ReadonlyMap<string, Cell>,
  context: WriteContext,
): Stored {
  const { company } = context
  return company.atomically(() => {
    const facts = factsOf(context)
    const values = settleRelated(table, sent, facts)
    const before = rowWithId(record)
    const after = { ...before, ...Object.fromEntries(values) }
    requireKey(table, after)
    if (keyOf(table, before).some((part, index) => part !== keyOf(table, after)[index])) {
      rename(table, before, after, company)
      refuseDuplicate(table, after, record.key, context)
    }
    const { changes, consequences } = applyRules(
      table,
      { before, after, sent: new Set(values.keys()) },
      facts,
    )
    const changed = Object.entries({ ...Object.fromEntries(values), ...changes }).filter(
      ([column, value]) => record.row[column] !== value,
    )
    for (const each of consequences) follow(each, company)
    return changed.length === 0 ? record : company.update(table, record, Object.fromEntries(changed))
  })
}

/** Deletes a record unless the business logic forbids it. */
export function deleteRecord(table: TableName, record: Stored, context: WriteContext): void {
  const { company } = context
  company.atomically(() => {
    const consequences = rules[table]?.beforeDelete?.(rowWithId(record), factsOf(context)) ?? []
    company.remove(table, record)
    for (const each of consequences) follow(each, company)
    if (table !== 'salesOrder') return
    for (const line of company.table('salesOrderLine').find('document', [record.row['number'] ?? ''])) {
      company.remove('salesOrderLine', line)
    }
  })
}

function factsOf({ company, nowMs }: WriteContext): RuleFacts {
  const found = (record: Stored | null): Row | null => (record === null ? null : rowWithId(record))
  return {
    setup: company.setup,
    today: new Date(nowMs).toISOString().slice(0, 10),
    findByKey: (table, key) => (key === '' ? null : found(company.findByKey(table, [key]))),
    findById: (table, id) => found(company.table(table).get(id)),
    exchangeRates: (code) => company.table('currencyExchangeRate').find('currency', [code]).map(rowWithId),
    hasOrders: (number) => company.table('salesOrder').find('customer', [number]).length > 0,
    nextNumber: (table) => company.nextNumber(table),
    nowMs: Math.floor(nowMs),
  }
}

function applyRules(table: TableName, draft: Draft, facts: RuleFacts) {
  return rules[table]?.beforeWrite?.(draft, facts) ?? { changes: {}, consequences: [] }
}

function follow(consequence: Consequence, company: Company): void {
  if ('insert' in consequence) {
    company.insert(consequence.table, consequence.insert)
    return
  }
  const record = company.table(consequence.table).get(consequence.id)
  if (record !== null) company.update(consequence.table, record, consequence.changes)
}

const keyOf = (table: TableName, row: Row): readonly Cell[] =>
  (tables[table] as Table).key.map((column) => row[column] ?? '')

function drawnNumber(table: TableName, values: Row, company: Company): Row {
  const column = numberSeries[table]?.column
  return column === undefined || (values[column] ?? '') !== '' ? {} : { [column]: company.nextNumber(table) }
}

function requireKey(table: TableName, row: Row): void {
  const { key }: Table = tables[table]
  const blank = key.find((column) => row[column] === '')
  if (blank !== undefined) throw refusals.missingProperty(blank)
}

function refuseDuplicate(table: TableName, row: Row, ownId: string | null, context: WriteContext): void {
  const { key, caption, fields }: Table = tables[table]
  const found = context.company.findByKey(table, keyOf(table, row))
  if (found === null || found.key === ownId) return
  const values = key.map((column) => `${fields[column]?.caption}='${row[column]}'`).join(',')
  throw refusals.sameKey(context.duplicateStatus, caption, values)
}

/** Tables whose key may change: nobody refers to it, or all who do are brought along. */
const renamed: readonly TableName[] = ['customer', 'item', 'resource', 'employee', 'opportunity']

/** References to a customer go along with a new number, as the product's own rename does it. */
function rename(table: TableName, before: Row, after: Row, company: Company): void {
  const { caption }: Table = tables[table]
  if (!renamed.includes(table) && !isAdded(table))
    throw refusals.rule(`You cannot rename a ${caption} that others refer to.`)
  if (table !== 'customer') return
  for (const referring of ['contact', 'salesOrder'] as const) {
    for (const record of company.table(referring).find('customer', [before['number'] ?? ''])) {
      company.update(referring, record, { customerNumber: after['number'] ?? '' })
    }
  }
}
