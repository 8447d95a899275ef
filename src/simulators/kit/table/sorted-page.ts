/**
 * The first `size` of any number of records by any order, in memory for a few pages: for orders that the table does not
 * have. Records for which `isBehind` is false are left out.
 */
export function sortedPage<T>(
  records: Iterable<T>,
  { size, compare, isBehind }: { size: number; compare(a: T, b: T): number; isBehind(record: T): boolean },
): T[] {
  let best: T[] = []
  let last: T | null = null
  for (const record of records) {
    if (!isBehind(record) || (last !== null && compare(record, last) >= 0)) continue
    best.push(record)
    if (best.length < size * 2 + 1_000) continue
    best = best.sort(compare).slice(0, size)
    last = best.at(-1) ?? null
  }
  return best.sort(compare).slice(0, size)
}
