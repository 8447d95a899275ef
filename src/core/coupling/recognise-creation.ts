import type { TableSchema } from '../mapping/schema.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import { isPlausiblyNormalised } from '../sync/normalised.ts'
import { isSurelyOlder } from '../sync/older-record.ts'
import type { Values } from '../values/value.ts'

/** One time a creation was sent whose answer nobody has; `sentAt`: an ISO time of the store, nothing was sent earlier. */
export interface CreationAttempt {
  readonly values: Values
  readonly sentAt: string
}

type Times = Pick<TableSchema, 'fields' | 'modifiedField'>

/**
 * Which of the records that have changed since, and that nobody has coupled, these creations have made (architecture.md §4.3):
 * per creation one, or null. A record is recognised when it was not there before, and holds most of the filled values that were
 * sent: somebody may have edited it since, and left alone it would be made a second time. What holds more goes first; of
 * creations that are quite equal it does not matter which gets which. No record is given to two. Pure.
 */
export function recogniseCreations(
  creations: readonly (readonly CreationAttempt[])[],
  candidates: readonly RecordSnapshot[],
  times: Times,
): readonly (RecordSnapshot | null)[] {
  const pairs = creations.flatMap((attempts, index) =>
    candidates.flatMap((record) => {
      const likeness = likenessOf(attempts, record, times)
      return likeness === null ? [] : [{ index, record, likeness }]
    }),
  )
  const found: (RecordSnapshot | null)[] = creations.map(() => null)
  const given = new Set<RecordSnapshot>()
  for (const { index, record } of pairs.sort((a, b) => b.likeness - a.likeness)) {
    if (found[index] !== null || given.has(record)) continue
    found[index] = record
    given.add(record)
  }
  return found
}

/** True when the record may be the work of one of these attempts. */
export function mayBeCreatedBy(
  attempts: readonly CreationAttempt[],
  record: RecordSnapshot,
  times: Times,
): boolean {
  return likenessOf(attempts, record, times) !== null
}

/** How many of the values sent it holds, as a share of all; of several attempts the best. Null: it is none of them. */
function likenessOf(
  attempts: readonly CreationAttempt[],
  record: RecordSnapshot,
  times: Times,
): number | null {
  const shares = attempts.flatMap(({ values, sentAt }) => {
    const known = Object.entries(values).filter(([field]) => record.values[field] !== undefined)
    const held = known.filter(([field, value]) => isPlausiblyNormalised(value, record.values[field] ?? null))
    const isFilled = ([, value]: readonly [string, unknown]) => value !== null && value !== 'text:'
    const isLike = held.filter(isFilled).length * 2 > known.filter(isFilled).length
    return isLike && !isSurelyOlder(record, times, values, sentAt) ? [held.length / known.length] : []
  })
  return shares.length === 0 ? null : Math.max(...shares)
}
