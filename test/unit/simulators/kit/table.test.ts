import { describe, expect, it } from 'vitest'
import type { Row } from '../../../../src/simulators/kit/cells.ts'
import {
  guidKeys,
  noRows,
  type RowSource,
  type Stored,
} from '../../../../src/simulators/kit/table/row-source.ts'
import { sortedPage } from '../../../../src/simulators/kit/table/sorted-page.ts'
import { createTable, type Order, type Table } from '../../../../src/simulators/kit/table/table.ts'

const million = 1_000_000
const compareKeys = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Numbered records; `worked` counts how many were worked out. */
function numbered(count: number): RowSource & { worked: number } {
  const keys = guidKeys(7, count)
  const source: RowSource & { worked: number } = {
    count,
    worked: 0,
    ...keys,
    storedAt(position) {
      source.worked += 1
      return record(keys.keyAt(position), { no: `N${position}` }, position + 1, Math.floor(position / 4))
    },
    versionAt: (position) => position + 1,
    modifiedAt: (position) => Math.floor(position / 4),
    find: (_index, [no]) => {
      const position = Number(String(no).slice(1))
      return position < count ? [position] : []
    },
  }
  return source
}

function record(key: string, row: Row, version: number, modifiedMs: number): Stored {
  return { key, row, version, createdMs: 0, modifiedMs }
}

function tableOf(source: RowSource): Table {
  const indexes = { no: (row: Row) => (row['no'] === null ? null : [row['no'] ?? null]) }
  return createTable({ name: 'things', source, indexes, compareKeys })
}

const take = (table: Table, order: Order, count: number, from?: Parameters<Table['scan']>[1]) => {
  const taken: Stored[] = []
  for (const each of table.scan(order, from)) {
    taken.push(each)
    if (taken.length === count) break
  }
  return taken
}
const behind = (each: Stored) => ({ ...each, inclusive: false })

describe('a table of a million records', () => {
  it('keeps touched records only, and works out no more than it is asked for', () => {
    const source = numbered(million)
    const table = tableOf(source)
    const [, , third] = take(table, 'key', 3)
    expect(third?.row).toEqual({ no: 'N2' })
    expect(take(table, 'key', 2, third && behind(third)).map((each) => each.row['no'])).toEqual(['N3', 'N4'])
    expect(table.count()).toBe(million)
    expect(table.kept()).toBe(0)
    expect(source.worked).toBeLessThan(20)
  })

  it('finds its keys back, and no other', () => {
    const keys = guidKeys(7, million)
    for (const position of [0, 1, 499_999, million - 1]) {
      expect(keys.positionOf(keys.keyAt(position))).toBe(position)
    }
    expect(keys.positionOf(`${keys.keyAt(5).slice(0, -1)}f`)).toBeNull()
    expect(keys.positionOf('00000000-0000-4000-8000-000000000000')).toBeNull()
  })

  it('reads changes from a version on, in the order in which they were made', () => {
    const table = tableOf(numbered(million))
    const [first, second] = take(table, 'key', 2)
    table.put(record(second?.key ?? '', { no: 'X' }, million + 1, million))
    table.put(record(first?.key ?? '', { no: 'Y' }, million + 2, million))
    const since = { key: '', modifiedMs: 0, version: million, inclusive: false }
    expect([...table.scan('version', since)].map((each) => each.row['no'])).toEqual(['X', 'Y'])
    expect(table.count()).toBe(million)
    expect(table.kept()).toBe(2)
  })
})

describe('a table', () => {
  it('merges touched and untouched records in each order', () => {
    const table = tableOf(numbered(6))
    const [a, b, c] = take(table, 'key', 3)
    if (!a || !b || !c) throw new Error('three records')
    table.put(record(`${b.key.slice(0, -1)}f`, { no: 'new' }, 7, 0))
    table.put({ ...a, row: { no: 'changed' }, version: 8, modifiedMs: 99 })
    table.remove({ key: c.key, version: 9, deletedMs: 99 })
    const names = (order: Order) => [...table.scan(order)].map((each) => each.row['no'])
    expect(names('key')).toEqual(['changed', 'N1', 'new', 'N3', 'N4', 'N5'])
    expect(names('modified')).toEqual(['N1', 'new', 'N3', 'N4', 'N5', 'changed'])
    expect(names('version')).toEqual(['N1', 'N3', 'N4', 'N5', 'new', 'changed'])
    expect(table.count()).toBe(6)
    expect(table.tombstonesSince(8)).toEqual([{ key: c.key, version: 9, deletedMs: 99 }])
  })

  it('finds records by their values, not by those they have no longer', () => {
    const table = tableOf(numbered(6))
    const key = guidKeys(7, 6).keyAt(2)
    table.put(record(key, { no: 'Other' }, 7, 0))
    expect(table.find('no', ['n2'])).toEqual([])
    expect(table.find('no', ['OTHER'])).toHaveLength(1)
    expect(table.find('no', ['N3'])).toHaveLength(1)
    table.remove({ key, version: 8, deletedMs: 0 })
    expect(table.find('no', ['OTHER'])).toEqual([])
    expect(table.get(key)).toBeNull()
  })

  it('takes writes back, the last one first', () => {
    const table = tableOf(numbered(3))
    const [a, b] = take(table, 'key', 2)
    if (!a || !b) throw new Error('two records')
    const undo = [
      table.put({ ...a, row: { no: 'changed' }, version: 4 }),
      table.remove({ key: b.key, version: 5, deletedMs: 0 }),
      table.put({ ...b, row: { no: 'back' }, version: 6 }),
      table.put(record('new', { no: 'new' }, 7, 0)),
    ]
    expect([...table.scan('key')].map((each) => each.row['no'])).toEqual(['changed', 'back', 'N2', 'new'])
    for (const back of undo.reverse()) back()
    expect([...table.scan('key')].map((each) => each.row['no'])).toEqual(['N0', 'N1', 'N2'])
    expect(table.find('no', ['changed'])).toEqual([])
    expect([table.count(), table.kept()]).toEqual([3, 0])
  })

  it('has a record once, however often writes to it were taken back and made again', () => {
    const table = tableOf(noRows)
    const names = () => [...table.scan('key')].map((each) => each.row['no'])
    const first = record('a', { no: '1' }, 1, 1)
    table.put(first)()
    table.put(first)
    expect(names()).toEqual(['1'])
    table.put(record('a', { no: '2' }, 2, 2))()
    expect(names()).toEqual(['1'])
  })

  it('may be filled from empty, and a deleted key used again', () => {
    const table = tableOf(noRows)
    table.put(record('b', { no: '1' }, 1, 1))
    table.put(record('a', { no: '2' }, 2, 2))
    table.remove({ key: 'b', version: 3, deletedMs: 3 })
    table.put(record('b', { no: '3' }, 4, 4))
    expect([...table.scan('key')].map((each) => each.row['no'])).toEqual(['2', '3'])
    expect(table.tombstonesSince(0)).toEqual([])
  })

  it('keeps an order up to date while records are edited again and again', () => {
    const table = tableOf(noRows)
    for (let version = 1; version <= 30_000; version += 1) {
      table.put(record(String(version % 100), { no: String(version) }, version, version))
    }
    const versions = [...table.scan('version')].map((each) => each.version)
    expect(versions).toEqual(Array.from({ length: 100 }, (_, at) => 29_901 + at))
  })
})

it('a page in an order that no table has holds the first records behind the last page', () => {
  const numbers = Array.from({ length: 10_000 }, (_, at) => (at * 7_919) % 10_000)
  const compare = (a: number, b: number) => a - b
  const page = sortedPage(numbers, { size: 3, compare, isBehind: (each) => each > 100 })
  expect(page).toEqual([101, 102, 103])
})
