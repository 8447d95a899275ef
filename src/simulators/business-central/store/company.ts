import { createHash } from 'node:crypto'
import type { Cell, Row } from '../../kit/cells.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { createTable, type Table as StoredTable } from '../../kit/table/table.ts'
import type { SimulatedTime } from '../../kit/time.ts'
import { drawNumber, type NumberSeries, numberSeries } from '../rules/number-series.ts'
import type { CompanySetup } from '../rules/rule.ts'
import type { Table } from '../schema/field.ts'
import { type TableName, tableNames, tables } from '../schema/tables.ts'
import { seededCompany } from '../seed/company.ts'
import type { SeedSize } from '../seed/size.ts'
import { blankRow, seededList, sourceOf } from '../seed/source.ts'
import type { ChangeType } from '../webhooks/notices.ts'
import { createJournal } from './journal.ts'

/** What has been written: for webhooks, after it is certain. */
export interface RecordChange {
  readonly table: TableName
  readonly id: string
  readonly changeType: ChangeType
}

/** The records of one company. Everything here is done at once: two requests never see half of each other's work. */
export interface Company {
  readonly id: string
  readonly name: string
  readonly setup: CompanySetup
  table(name: TableName): StoredTable
  /** The record with this primary key, capitals not counting. */
  findByKey(table: TableName, key: readonly Cell[]): Stored | null
  insert(table: TableName, values: Row): Stored
  update(table: TableName, record: Stored, values: Row): Stored
  remove(table: TableName, record: Stored): void
  /** Draws a number that nobody has. */
  nextNumber(table: TableName): string
  /** Runs the work; when it throws, its writes are taken back and nobody is told of them. */
  atomically<T>(work: () => T): T
}

export interface CompanyOptions {
  readonly id: string
  readonly name: string
  readonly seed: number
  readonly size: SeedSize
  readonly setup: CompanySetup
  /** Makes the ids of this company different from those of any other. */
  readonly tag: number
}

/** Indexes besides the primary key: by name, the column. */
const otherIndexes: Readonly<Partial<Record<TableName, Readonly<Record<string, string>>>>> = {
  currencyExchangeRate: { currency: 'currencyCode' },
  contact: { customer: 'customerNumber' },
  salesOrder: { customer: 'customerNumber' },
  salesOrderLine: { document: 'documentNumber' },
}

export function createCompany(
  options: CompanyOptions,
  time: SimulatedTime,
  onChange: (change: RecordChange) => void,
): Company {
  const { stored, seeds, versions } = createTables(options)
  let version = versions
  const drawn = new Map<TableName, number>()
  const journal = createJournal()
  let pending: RecordChange[] | null = null
  const announce = (change: RecordChange): void => {
    if (pending) pending.push(change)
    else onChange(change)
  }
  const tableNamed = (name: TableName): StoredTable => {
    stored[name] ??= emptyTable(name)
    return stored[name]
  }
  const findByKey = (table: TableName, key: readonly Cell[]): Stored | null =>
    tableNamed(table).find('key', key)[0] ?? null
  const write = (table: TableName, record: Stored, changeType: ChangeType): Stored => {
    journal.put(tableNamed(table), record)
    announce({ table, id: record.key, changeType })
    return record
  }
  const stamp = () => {
    version += 1
    return { version, modifiedMs: Math.floor(time.nowMs()) }
  }
  return {
    id: options.id,
    name: options.name,
    setup: options.setup,
    table: (name) => tableNamed(name),
    findByKey,
    insert(table, values) {
      const at = stamp()
      const row = { ...blankRow(table), ...values }
      return write(
        table,
        { key: newId(options, at.version), row, createdMs: at.modifiedMs, ...at },
        'created',
      )
    },
    update: (table, record, values) =>
      write(table, { ...record, row: { ...record.row, ...values }, ...stamp() }, 'updated'),
    remove(table, record) {
      const at = stamp()
      journal.remove(tableNamed(table), record, { version: at.version, deletedMs: at.modifiedMs })
      announce({ table, id: record.key, changeType: 'deleted' })
    },
    nextNumber(table) {
      const series = numberSeries[table] as NumberSeries
      const last = drawn.get(table) ?? seeds[table]?.count ?? 0
      const next = drawNumber(series, last, (number) => findByKey(table, [number]) !== null)
      drawn.set(table, next.drawn)
      return next.number
    },
    atomically(work) {
      const isOutermost = pending === null
      const changes = pending ?? []
      const mark = changes.length
      pending = changes
      try {
        const result = journal.atomically(work)
        if (isOutermost) for (const change of changes) onChange(change)
        return result
      } catch (error) {
        changes.length = mark
        throw error
      } finally {
        if (isOutermost) pending = null
      }
    },
  }
}

/** The same requests in the same order make the same ids, in no order. */
function newId({ tag, seed }: CompanyOptions, version: number): string {
  const hex = createHash('sha256').update(`${tag}/${seed}/${version}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-9${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function createTables({ seed, size, tag }: CompanyOptions) {
  const seeds = seededCompany(seed, size)
  let versions = 0
  const entries = tableNames.map((name, position) => {
    const { key }: Table = tables[name]
    const indexes = { key, ...otherIndexesOf(name) }
    const source = sourceOf(name, seeds[name], { tag: tag * 100 + position + 1, versionBase: versions })
    versions += seeds[name].count
    const table = createTable({
      name,
      source,
      indexes: Object.fromEntries(
        Object.entries(indexes).map(([index, columns]) => [index, valuesOf(columns)]),
      ),
      compareKeys: (a, b) => (a < b ? -1 : Number(a > b)),
    })
    return [name, table] as const
  })
  return { seeds, versions, stored: Object.fromEntries(entries) as Record<TableName, StoredTable> }
}

/** Of an extension that was installed when the company was there already. */
function emptyTable(name: TableName): StoredTable {
  const { key }: Table = tables[name]
  return createTable({
    name,
    source: sourceOf(name, seededList(name, []), { tag: 0, versionBase: 0 }),
    indexes: { key: valuesOf(key) },
    compareKeys: (a, b) => (a < b ? -1 : Number(a > b)),
  })
}

function otherIndexesOf(table: TableName): Readonly<Record<string, readonly string[]>> {
  const columns = Object.entries(otherIndexes[table] ?? {})
  return Object.fromEntries(columns.map(([index, column]) => [index, [column]]))
}

/** Records with a blank are found by nothing. */
function valuesOf(columns: readonly string[]) {
  return (row: Row): readonly Cell[] | null => {
    const values = columns.map((column) => row[column] ?? '')
    return values.every((value) => value === '') ? null : values
  }
}
