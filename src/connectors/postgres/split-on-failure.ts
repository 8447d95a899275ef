import { isLockTimeout, isRecordError } from './record-problems.ts'
import type { Transaction } from './transaction.ts'

/** Thrown when a statement over several records cannot tell which answer belongs to which: fewer are sent at once then. */
export class AmbiguousAnswersError extends Error {
  /** How many of the records have no answer. */
  readonly unanswered: number

  constructor(unanswered: number) {
    super('Records whose answers cannot be told apart')
    this.unanswered = unanswered
  }
}

/** Once a page has waited for somebody, it waits no longer for each of the records it then tries one by one. */
const PATIENCE_SPENT_MS = 50

/** From this share of records without an answer on, halving would cost more statements than sending each alone. */
const SCATTERED_SHARE = 0.25

/**
 * Runs a bulk statement behind a savepoint. When a record makes it fail, the halves are tried, until the bad record
 * stands alone and is handed to `reject`; the others are written. A clean page costs one statement between two savepoint
 * commands. A lock that is not to be had does not hold up the others: `withoutLocked` says which rows can be locked, and
 * when all of them can (somebody holds a referenced row, or a key of a unique index), the halves find whom it concerns.
 */
export async function splitOnFailure<T>(
  transaction: Transaction,
  items: readonly T[],
  write: (items: readonly T[]) => Promise<void>,
  reject: (item: T, error: unknown) => void | Promise<void>,
  withoutLocked: ((items: readonly T[]) => Promise<readonly T[]>) | null = null,
): Promise<void> {
  const [first] = items
  if (first === undefined) return
  await transaction.control('SAVEPOINT couplet_part')
  try {
    await write(items)
  } catch (error) {
    const isLocked = isLockTimeout(error)
    if (!(error instanceof AmbiguousAnswersError) && !isLocked && !isRecordError(error)) throw error
    await transaction.control('ROLLBACK TO SAVEPOINT couplet_part; RELEASE SAVEPOINT couplet_part')
    if (isLocked) {
      await transaction.control(`SET LOCAL lock_timeout = ${PATIENCE_SPENT_MS}`)
      const free = withoutLocked ? await withoutLocked(items) : items
      if (free.length < items.length) return splitOnFailure(transaction, free, write, reject, withoutLocked)
    }
    if (items.length === 1) return reject(first, error)
    for (const part of partsOf(items, error)) {
      await splitOnFailure(transaction, part, write, reject, withoutLocked)
    }
    return
  }
  await transaction.control('RELEASE SAVEPOINT couplet_part')
}

function partsOf<T>(items: readonly T[], error: unknown): readonly (readonly T[])[] {
  const isScattered =
    error instanceof AmbiguousAnswersError && error.unanswered > items.length * SCATTERED_SHARE
  if (isScattered) return items.map((item) => [item])
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}
