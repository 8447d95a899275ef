import { isLockTimeout, isRecordError } from './record-problems.ts'
import type { Transaction } from './transaction.ts'

/** Thrown when a statement over several records cannot tell which answer belongs to which: each is sent alone then. */
export class NeedsSingleRecords extends Error {}

/**
 * Runs a bulk statement behind a savepoint. When a record makes it fail, the halves are tried, until the bad record
 * stands alone and is handed to `reject`; the others are written. A clean page costs one statement between two savepoint
 * commands. A row that somebody else keeps locked does not hold up the others: `withoutLocked` says which can be had.
 */
export async function splitOnFailure<T>(
  transaction: Transaction,
  items: readonly T[],
  write: (items: readonly T[]) => Promise<void>,
  reject: (item: T, error: unknown) => void,
  withoutLocked: ((items: readonly T[]) => Promise<readonly T[]>) | null = null,
): Promise<void> {
  const [first] = items
  if (first === undefined) return
  await transaction.control('SAVEPOINT couplet_part')
  try {
    await write(items)
  } catch (error) {
    const isSplit = error instanceof NeedsSingleRecords
    const isLocked = withoutLocked !== null && isLockTimeout(error)
    if (!isSplit && !isLocked && !isRecordError(error)) throw error
    await transaction.control('ROLLBACK TO SAVEPOINT couplet_part; RELEASE SAVEPOINT couplet_part')
    if (isLocked) {
      const free = await withoutLocked(items)
      if (free.length === items.length) throw error
      return splitOnFailure(transaction, free, write, reject, withoutLocked)
    }
    if (items.length === 1) return reject(first, error)
    for (const part of isSplit ? items.map((item) => [item]) : halves(items)) {
      await splitOnFailure(transaction, part, write, reject, withoutLocked)
    }
    return
  }
  await transaction.control('RELEASE SAVEPOINT couplet_part')
}

function halves<T>(items: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}
