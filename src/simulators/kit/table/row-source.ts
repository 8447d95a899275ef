import type { Cell, Row } from '../cells.ts'

/** A record with what every system keeps about it. */
export interface Stored {
  readonly key: string
  readonly row: Row
  /** Grows with every write anywhere in the system. */
  readonly version: number
  readonly createdMs: number
  readonly modifiedMs: number
}

/**
 * The records a table starts with: worked out from their position when somebody asks, never kept. Keys, versions and
 * modification times grow with the position (times may be equal).
 */
export interface RowSource {
  readonly count: number
  keyAt(position: number): string
  /** Null for a key that is none of the source's. */
  positionOf(key: string): number | null
  storedAt(position: number): Stored
  versionAt(position: number): number
  modifiedAt(position: number): number
  /** Positions of the records that have these values in the named index of the table. */
  find(index: string, values: readonly Cell[]): readonly number[]
}

/** A table that starts without records. */
export const noRows: RowSource = {
  count: 0,
  keyAt: () => '',
  positionOf: () => null,
  storedAt: () => {
    throw new Error('An empty source has no records.')
  },
  versionAt: () => 0,
  modifiedAt: () => 0,
  find: () => [],
}

/** The first position from which on `isBehind` holds; it must hold for all positions after one for which it does. */
export function firstPosition(count: number, isBehind: (position: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (isBehind(middle)) high = middle
    else low = middle + 1
  }
  return low
}

const keySpace = 2 ** 48

/** GUIDs that grow with the position, spread over the whole range so that new ones fall in between. */
export function guidKeys(tag: number, count: number): Pick<RowSource, 'keyAt' | 'positionOf'> {
  const step = Math.floor(keySpace / Math.max(1, count))
  const hex = (tag >>> 0).toString(16).padStart(8, '0')
  const prefix = `${hex}-${hex.slice(0, 4)}-4${hex.slice(1, 4)}-8${hex.slice(5, 8)}-`
  return {
    keyAt: (position) => prefix + (position * step).toString(16).padStart(12, '0'),
    positionOf(key) {
      if (!key.startsWith(prefix)) return null
      const position = Number.parseInt(key.slice(prefix.length), 16) / step
      return Number.isInteger(position) && position < count ? position : null
    },
  }
}
