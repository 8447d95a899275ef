import type { Tombstones } from '../../core/ports/connector.ts'
import type { RecordKey } from '../../core/values/key.ts'

/** A mark is the number of deletions before it. */
export function tombstonesOf(
  deleted: readonly (RecordKey | null)[],
  carryOut: <T>(work: () => T) => Promise<T>,
): Tombstones {
  return {
    takeMark: () => carryOut(() => String(deleted.length)),
    read: ({ mark, cursor, limit }) =>
      carryOut(() => {
        const start = Number(cursor ?? mark)
        const page = deleted.slice(start, start + limit)
        const keys = page.filter((key) => key !== null)
        if (keys.length < page.length) return null
        const end = String(start + page.length)
        return { keys, next: page.length === limit ? end : null, mark: end }
      }),
  }
}
