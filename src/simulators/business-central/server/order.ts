import { type Cell, type Comparable, comparable } from '../../kit/cells.ts'
import { parseOrderBy } from '../../kit/odata/query.ts'
import type { Stored } from '../../kit/table/row-source.ts'
import { refusals } from '../errors.ts'
import { cellType } from '../schema/field.ts'
import type { Page } from '../schema/pages.ts'
import { fieldOf } from '../schema/tables.ts'
import type { Company } from '../store/company.ts'
import { cellReader } from '../store/read-cell.ts'
import { columnOf } from './filter.ts'

/** Where a page of an answer ended: the last record, and what it was sorted by. */
export interface PagePosition {
  readonly id: string
  readonly cells: readonly Cell[]
}

/** The order of an answer; ties are broken by the id. `kind` tells which order of the table it is, if any. */
export interface RowOrder {
  readonly kind: 'key' | 'modified' | 'other'
  cellsOf(record: Stored): readonly Cell[]
  compare(a: Stored, b: Stored): number
  /** Whether a record comes after the position. */
  isBehind(record: Stored, position: PagePosition): boolean
}

/** Reads `$orderby`; without one records come by id. Throws 400. */
export function rowOrder(text: string | undefined, page: Page, company: Company): RowOrder {
  const items = text === undefined ? [] : parseOrderBy(text)
  const parts = items.map(({ name, descending }) => {
    const column = columnOf(page, [name])
    const field = fieldOf(page.table, column)
    if (field === undefined) throw refusals.malformed(`'${name}' cannot be sorted by.`)
    return {
      column,
      type: cellType(field.type),
      sign: descending ? -1 : 1,
      read: cellReader(company, page.table, column),
    }
  })
  const sorted = parts.filter(({ column }) => column !== 'id')
  const names = parts.map(({ column, sign }) => (sign < 0 ? `-${column}` : column)).join()
  const compareCells = (a: readonly Cell[], b: readonly Cell[]): number => {
    for (const [index, { type, sign }] of sorted.entries()) {
      const order = compare(comparable(type, a[index] ?? ''), comparable(type, b[index] ?? ''))
      if (order !== 0) return sign * order
    }
    return 0
  }
  const idSign = parts.find(({ column }) => column === 'id')?.sign ?? 1
  const cellsOf = (record: Stored): readonly Cell[] => sorted.map(({ read }) => read(record))
  return {
    kind: kindOf(names),
    cellsOf,
    compare: (a, b) => compareCells(cellsOf(a), cellsOf(b)) || idSign * compare(a.key, b.key),
    isBehind: (record, position) =>
      (compareCells(cellsOf(record), position.cells) || idSign * compare(record.key, position.id)) > 0,
  }
}

function kindOf(names: string): RowOrder['kind'] {
  if (names === '' || names === 'id') return 'key'
  return names === 'lastModifiedDateTime' || names === 'lastModifiedDateTime,id' ? 'modified' : 'other'
}

function compare(a: Comparable | null, b: Comparable | null): number {
  if (a === b || a === null || b === null) return 0
  return a < b ? -1 : 1
}

/** The text of a position in a link: the id of the last record, and what it was sorted by where that is needed. */
export function skipToken(position: PagePosition): string {
  if (position.cells.length === 0) return position.id
  return `${position.id}.${Buffer.from(JSON.stringify(position.cells)).toString('base64url')}`
}

/** Reads what `skipToken` has written. Throws 400 for anything else. */
export function readSkipToken(token: string): PagePosition {
  const [id = '', cells] = token.split('.')
  try {
    return { id, cells: cells === undefined ? [] : JSON.parse(Buffer.from(cells, 'base64url').toString()) }
  } catch {
    throw refusals.malformed(`The skip token '${token}' is not valid.`)
  }
}
