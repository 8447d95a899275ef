import type { Stored } from './row-source.ts'

/** The touched records of a table in one order, kept sorted by merging in what has been added since the last look. */
export interface SortedView {
  add(record: Stored): void
  /** Live records in order. */
  read(): readonly Stored[]
}

export function createSortedView(
  compare: (a: Stored, b: Stored) => number,
  isLive: (record: Stored) => boolean,
  start: Iterable<Stored>,
): SortedView {
  let sorted: readonly Stored[] = [...start].sort(compare)
  let added: Stored[] = []
  let hasStale = false
  const merge = () => {
    if (added.length === 0 && !hasStale) return
    // A write that was taken back has brought in again what may still stand here.
    const again = new Set(added.filter(isLive))
    const kept = sorted.filter((record) => isLive(record) && !again.has(record))
    sorted = mergeSorted(kept, [...again].sort(compare), compare)
    added = []
    hasStale = false
  }
  return {
    add(record) {
      added.push(record)
      hasStale = true
      if (added.length > 10_000 && added.length > sorted.length) merge()
    },
    read() {
      hasStale = true
      merge()
      return sorted
    },
  }
}

function mergeSorted(
  left: readonly Stored[],
  right: readonly Stored[],
  compare: (a: Stored, b: Stored) => number,
): readonly Stored[] {
  if (right.length === 0) return left
  const all: Stored[] = []
  let at = 0
  for (const record of left) {
    for (let next = right[at]; next && compare(next, record) < 0; next = right[at]) {
      all.push(next)
      at += 1
    }
    all.push(record)
  }
  return all.concat(right.slice(at))
}
