import { createHash } from 'node:crypto'
import { SyncError } from '../../core/errors.ts'
import type { AccessStore } from '../../core/ports/access-store.ts'

const windowMs = 15 * 60_000
const perName = 10
const perAddress = 50

/**
 * Counts an attempt to sign in, over all processes: from one address, and from there for one name. Somebody else who
 * guesses locks nobody out. Throws TOO_MANY_ATTEMPTS.
 */
export async function countAttempt(
  access: Pick<AccessStore, 'countAttempt'>,
  address: string,
  name: string | null,
): Promise<void> {
  const waits = [await access.countAttempt(nameOfAttempts(address, null), perAddress, windowMs)]
  if (name !== null) waits.push(await access.countAttempt(nameOfAttempts(address, name), perName, windowMs))
  const retryAfterMs = Math.max(...waits.map((wait) => wait ?? 0))
  if (retryAfterMs === 0) return
  throw new SyncError('TOO_MANY_ATTEMPTS', 'There were too many attempts to sign in', { retryAfterMs })
}

/** What somebody has entered is of any length, and stays unknown here. */
export function nameOfAttempts(address: string, name: string | null): string {
  return `sign-in ${createHash('sha256')
    .update(JSON.stringify([address, name]))
    .digest('hex')}`
}
