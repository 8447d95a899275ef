import { createHash } from 'node:crypto'
import { SyncError } from '../../core/errors.ts'
import type { AccessStore } from '../../core/ports/access-store.ts'

const windowMs = 15 * 60_000
const perName = 10
const perAddress = 50

/**
 * Counts an attempt to sign in, over all processes: from one address, and from there for one name. Somebody else who
 * guesses locks nobody out. `takeBackAttempt` follows when it was a good one. Throws TOO_MANY_ATTEMPTS.
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

/**
 * The attempt that was counted was a good one: only failures stay counted. It is counted first and taken back then, so that
 * many guesses at once are no more than those one after the other.
 */
export async function takeBackAttempt(
  access: Pick<AccessStore, 'takeBackAttempt' | 'forgetAttempts'>,
  address: string,
  name: string | null,
): Promise<void> {
  await access.takeBackAttempt(nameOfAttempts(address, null), perAddress, windowMs)
  if (name !== null) await access.forgetAttempts(nameOfAttempts(address, name))
}

/** What somebody has entered is of any length, and stays unknown here. */
function nameOfAttempts(address: string, name: string | null): string {
  return `sign-in ${createHash('sha256')
    .update(JSON.stringify([address, name]))
    .digest('hex')}`
}
