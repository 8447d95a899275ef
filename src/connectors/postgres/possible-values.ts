import { SyncError } from '../../core/errors.ts'

/**
 * Reads what belongs to the items. A value that the database cannot hold at all (a letter beyond its encoding, an unknown
 * label of an enum) makes the whole statement fail, although it only means that no record has it: the halves are tried,
 * until the item stands alone and is left out.
 */
export async function readPossible<T>(
  items: readonly T[],
  read: (items: readonly T[]) => Promise<void>,
): Promise<void> {
  if (items.length === 0) return
  try {
    await read(items)
  } catch (error) {
    if (!isImpossibleValue(error)) throw error
    if (items.length === 1) return
    const middle = Math.ceil(items.length / 2)
    await readPossible(items.slice(0, middle), read)
    await readPossible(items.slice(middle), read)
  }
}

/** Inside a transaction errors stay as the driver gives them, and the transaction is over: nothing can be tried there. */
function isImpossibleValue(error: unknown): boolean {
  return error instanceof SyncError && /^22/.test(String(error.data['sqlState'] ?? ''))
}
