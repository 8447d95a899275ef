import { type Comparable, comparable } from '../../kit/cells.ts'
import { compileFilter } from '../../kit/odata/evaluate.ts'
import { type Expression, parseFilter } from '../../kit/odata/filter.ts'
import { type OrderItem, parseOrderBy } from '../../kit/odata/query.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { sortedPage } from '../../kit/table/sorted-page.ts'
import type { Order, Position } from '../../kit/table/table.ts'
import { type Caller, sees } from '../caller.ts'
import { cellTypeOf } from '../entities/definition.ts'
import type { EntityModel } from '../entities/model.ts'
import { versionOf } from '../organization.ts'
import { candidatesOf } from './candidates.ts'
import type { Cookie } from './cookie.ts'
import { columnOfProperty, dialectOf, readColumn } from './fields.ts'

/** Records of one page, and the cookie of the next; null at the end. */
export interface Page {
  readonly records: readonly Stored[]
  readonly next: Cookie | null
}

export interface PageRequest {
  readonly filter: string | undefined
  readonly orderBy: string | undefined
  readonly aliases: ReadonlyMap<string, string>
  readonly size: number
  readonly after: Cookie | null
}

/**
 * One page, read as the table is now: paging is live (connectors.md A.3). In the table's own orders it starts at the
 * cookie; in any other order everything is looked at and a page is kept.
 */
export function readPage(caller: Caller, model: EntityModel, request: PageRequest): Page {
  const expression = request.filter === undefined ? null : parseFilter(request.filter, request.aliases)
  const passes = expression ? compileFilter(expression, dialectOf(caller, model)) : () => true
  const isSeen = sees(caller, model)
  const test = (stored: Stored) => passes(stored) && isSeen(stored.row)
  const items = request.orderBy === undefined ? [] : parseOrderBy(request.orderBy)
  const few = expression ? candidatesOf(caller.organization, model, expression) : null
  const order = few ? null : ownOrder(model, items)
  const found = order
    ? inOwnOrder(caller, model, order, expression, request, test)
    : inAnyOrder(caller, model, items, few, request, test)
  const records = found.slice(0, request.size)
  const last = records.at(-1)
  const isEnd = found.length <= request.size || !last
  return { records, next: isEnd ? null : cookieBehind(caller, model, items, last, request.after) }
}

function cookieBehind(
  caller: Caller,
  model: EntityModel,
  items: readonly OrderItem[],
  last: Stored,
  before: Cookie | null,
): Cookie {
  const values = sorterOf(caller, model, items).map(({ read }) => read(last))
  return {
    page: (before?.page ?? 1) + 1,
    key: last.key,
    modifiedMs: last.modifiedMs,
    version: last.version,
    sortedBy: values.map(cookieValue),
    delta: null,
  }
}

/** The order in which the table keeps its records already, when it is the one that is asked for. */
function ownOrder(model: EntityModel, items: readonly OrderItem[]): Order | null {
  if (items.some((item) => item.descending)) return null
  const names = items.map((item) => item.name)
  if (names.length === 0 || names[0] === model.key) return 'key'
  if (names[0] === 'versionnumber') return 'version'
  const isModified = names[0] === 'modifiedon' && (names.length === 1 || names[1] === model.key)
  return isModified ? 'modified' : null
}

function inOwnOrder(
  caller: Caller,
  model: EntityModel,
  order: Order,
  expression: Expression | null,
  { size, after }: PageRequest,
  test: (stored: Stored) => boolean,
): readonly Stored[] {
  const start: Position | undefined = after
    ? { key: after.key, modifiedMs: after.modifiedMs, version: after.version, inclusive: false }
    : expression
      ? firstPosition(order, expression)
      : undefined
  const records: Stored[] = []
  for (const stored of caller.organization.table(model.logicalName).scan(order, start)) {
    if (!test(stored)) continue
    records.push(stored)
    if (records.length > size) break
  }
  return records
}

/** No record before passes `modifiedon ge …` or `versionnumber gt …`: the scan need not look at them. */
function firstPosition(order: Order, expression: Expression): Position | undefined {
  if (expression.kind === 'and') {
    return firstPosition(order, expression.left) ?? firstPosition(order, expression.right)
  }
  if (expression.kind !== 'compare' || !/^g[et]$/.test(expression.operator)) return undefined
  const { left, right } = expression
  if (left.kind !== 'path' || right.kind !== 'literal') return undefined
  const name = left.names.join('/')
  const start = { key: '', modifiedMs: 0, version: 0, inclusive: true }
  if (order === 'version' && name === 'versionnumber') return { ...start, version: versionOf(right.text) }
  const ms = order === 'modified' && name === 'modifiedon' ? Date.parse(right.text) : Number.NaN
  return Number.isNaN(ms) ? undefined : { ...start, modifiedMs: ms }
}

type SortValue = Comparable | null
interface Sorter {
  readonly descending: boolean
  read(stored: Stored): SortValue
}

function sorterOf(caller: Caller, model: EntityModel, items: readonly OrderItem[]): readonly Sorter[] {
  return items.map(({ name, descending }) => {
    const column = columnOfProperty(caller, model, name)
    const type = cellTypeOf(column.kind)
    return { descending, read: (stored) => comparable(type, readColumn(model, column, stored)) }
  })
}

function inAnyOrder(
  caller: Caller,
  model: EntityModel,
  items: readonly OrderItem[],
  few: readonly Stored[] | null,
  { size, after }: PageRequest,
  test: (stored: Stored) => boolean,
): readonly Stored[] {
  const sorters = sorterOf(caller, model, items)
  const sortable = (stored: Stored): SortableRecord => ({
    stored,
    key: stored.key,
    values: sorters.map((sorter) => sorter.read(stored)),
  })
  const compare = (a: Sortable, b: Sortable): number => {
    for (const [at, { descending }] of sorters.entries()) {
      const order = compareValues(a.values[at] ?? null, b.values[at] ?? null)
      if (order !== 0) return descending ? -order : order
    }
    return a.key < b.key ? -1 : Number(a.key > b.key)
  }
  const last = after && sortableOf(after)
  const all = few ? new Map(few.map((stored) => [stored.key, stored])).values() : tableOf(caller, model)
  const page = sortedPage<SortableRecord>(passing(all, test, sortable), {
    size: size + 1,
    compare,
    isBehind: (record) => last === null || compare(record, last) > 0,
  })
  return page.map((record) => record.stored)
}

interface Sortable {
  readonly key: string
  readonly values: readonly SortValue[]
}
interface SortableRecord extends Sortable {
  readonly stored: Stored
}

/** Exact numbers and texts are both text in a cookie: the first letter tells them apart. */
function cookieValue(value: SortValue): string | number | null {
  if (typeof value === 'bigint') return `n${value}`
  return typeof value === 'string' ? `t${value}` : value
}

/** The last record of the page before. */
function sortableOf({ key, sortedBy }: Cookie): Sortable {
  const values = (sortedBy ?? []).map((value) => {
    if (typeof value !== 'string') return value
    return value.startsWith('n') ? BigInt(value.slice(1)) : value.slice(1)
  })
  return { key, values }
}

const tableOf = (caller: Caller, model: EntityModel) =>
  caller.organization.table(model.logicalName).scan('key')

function* passing<T>(
  records: Iterable<Stored>,
  test: (stored: Stored) => boolean,
  make: (stored: Stored) => T,
): Generator<T> {
  for (const stored of records) if (test(stored)) yield make(stored)
}

/** Null comes first, as in SQL Server. */
function compareValues(a: SortValue, b: SortValue): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? -1 : 1
  return a < b ? -1 : 1
}

/** How many records pass a filter; never more than 5,000 (connectors.md A.3). */
export function countRecords(
  caller: Caller,
  model: EntityModel,
  request: Pick<PageRequest, 'filter' | 'aliases'>,
): number {
  if (request.filter === undefined)
    return Math.min(mostCounted, caller.organization.table(model.logicalName).count())
  const page = readPage(caller, model, { ...request, orderBy: undefined, size: mostCounted, after: null })
  return page.records.length
}

const mostCounted = 5_000
