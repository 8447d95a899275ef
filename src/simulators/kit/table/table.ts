import type { Cell, Row } from '../cells.ts'
import { firstPosition, type RowSource, type Stored } from './row-source.ts'
import { createSortedView, type SortedView } from './sorted-view.ts'

/** What a system remembers of a deleted record. */
export interface Tombstone {
  readonly key: string
  readonly version: number
  readonly deletedMs: number
}

/** By key; by time of modification, then key; by version. Always ascending. */
export type Order = 'key' | 'modified' | 'version'

/** Where a scan begins: at the first record behind this one, or at this one. Only what the order needs is read. */
export interface Position {
  readonly key: string
  readonly modifiedMs: number
  readonly version: number
  readonly inclusive: boolean
}

/** The records of one table. Memory grows with the records that somebody has touched, not with all there are. */
export interface Table {
  readonly name: string
  count(): number
  /** Records and tombstones that are held in memory. */
  kept(): number
  get(key: string): Stored | null
  /** Records with these values in a named index; texts without case. */
  find(index: string, values: readonly Cell[]): readonly Stored[]
  /** Inserts or replaces. */
  put(record: Stored): Undo
  remove(tombstone: Tombstone): Undo
  /** Must not be carried on after a write. */
  scan(order: Order, from?: Position): Generator<Stored>
  /** By version, those behind the given one. */
  tombstonesSince(version: number): readonly Tombstone[]
}

/** Takes a write back, as if it had never been; the writes after it must have been taken back before. */
export type Undo = () => void

export interface TableOptions {
  readonly name: string
  readonly source: RowSource
  /** By name, the values a record is found by; null leaves the record out. */
  readonly indexes: Readonly<Record<string, (row: Row) => readonly Cell[] | null>>
  /** The order of keys. The keys of the source must grow by it. */
  readonly compareKeys: (a: string, b: string) => number
}

export function createTable({ name, source, indexes, compareKeys }: TableOptions): Table {
  const touched = new Map<string, Stored>()
  const gone = new Map<string, Tombstone>()
  const found = new Map(Object.keys(indexes).map((index) => [index, new Map<string, Set<string>>()]))
  const views = new Map<Order, SortedView>()
  let masked = 0
  const isTouched = (key: string) => touched.has(key) || gone.has(key)
  const compare = comparers(compareKeys)

  const reindex = (record: Stored, change: 'add' | 'delete') => {
    for (const [index, valuesOf] of Object.entries(indexes)) {
      const values = valuesOf(record.row)
      const entries = found.get(index)
      if (values === null || !entries) continue
      const text = indexText(values)
      const keys = entries.get(text) ?? new Set()
      keys[change](record.key)
      if (keys.size === 0) entries.delete(text)
      else entries.set(text, keys)
    }
  }
  const untouchedAt = (position: number): Stored | null =>
    isTouched(source.keyAt(position)) ? null : source.storedAt(position)
  const get = (key: string): Stored | null => {
    const position = source.positionOf(key)
    return touched.get(key) ?? (position === null ? null : untouchedAt(position))
  }
  const viewOf = (order: Order): SortedView => {
    const isLive = (record: Stored) => touched.get(record.key) === record
    const view = views.get(order) ?? createSortedView(compare[order], isLive, touched.values())
    views.set(order, view)
    return view
  }

  const replace = (key: string, { record, tombstone }: Memory): Undo => {
    const before: Memory = { record: touched.get(key) ?? null, tombstone: gone.get(key) ?? null }
    if (before.record) reindex(before.record, 'delete')
    const wasTouched = isTouched(key)
    touched.delete(key)
    gone.delete(key)
    if (record) {
      touched.set(key, record)
      reindex(record, 'add')
      for (const view of views.values()) view.add(record)
    }
    if (tombstone) gone.set(key, tombstone)
    if (source.positionOf(key) !== null) masked += Number(isTouched(key)) - Number(wasTouched)
    return () => {
      replace(key, before)
    }
  }

  return {
    name,
    get,
    count: () => source.count - masked + touched.size,
    kept: () => touched.size + gone.size,
    find(index, values) {
      const own = [...(found.get(index)?.get(indexText(values)) ?? [])].map((key) => touched.get(key) ?? null)
      return [...own, ...source.find(index, values).map(untouchedAt)].filter((each) => each !== null)
    },
    put: (record) => replace(record.key, { record, tombstone: null }),
    remove: (tombstone) => replace(tombstone.key, { record: null, tombstone }),
    *scan(order, from) {
      const own = viewOf(order).read()
      let at = firstPosition(own.length, (position) => isBehind(compare[order], own[position], from))
      const start = firstPosition(source.count, (position) =>
        isBehind(compare[order], outline(source, position), from),
      )
      for (let position = start; position < source.count; position += 1) {
        const stored = untouchedAt(position)
        if (!stored) continue
        for (let next = own[at]; next && compare[order](next, stored) < 0; next = own[at]) {
          yield next
          at += 1
        }
        yield stored
      }
      yield* own.slice(at)
    },
    tombstonesSince: (version) =>
      [...gone.values()].filter((each) => each.version > version).sort((a, b) => a.version - b.version),
  }
}

/** What is remembered of a key that somebody has touched. */
interface Memory {
  readonly record: Stored | null
  readonly tombstone: Tombstone | null
}

type Outline = Pick<Stored, 'key' | 'version' | 'modifiedMs'>
type Compare = (a: Outline, b: Outline) => number

function comparers(compareKeys: (a: string, b: string) => number): Record<Order, Compare> {
  return {
    key: (a, b) => compareKeys(a.key, b.key),
    modified: (a, b) => a.modifiedMs - b.modifiedMs || compareKeys(a.key, b.key),
    version: (a, b) => a.version - b.version,
  }
}

/** What a position sorts by, without working out the record. */
function outline(source: RowSource, position: number): Outline {
  return {
    key: source.keyAt(position),
    version: source.versionAt(position),
    modifiedMs: source.modifiedAt(position),
  }
}

function isBehind(compare: Compare, record: Outline | undefined, from: Position | undefined): boolean {
  if (!record || !from) return true
  const order = compare(record, from)
  return from.inclusive ? order >= 0 : order > 0
}

function indexText(values: readonly Cell[]): string {
  return JSON.stringify(values.map((value) => (typeof value === 'string' ? value.toLowerCase() : value)))
}
