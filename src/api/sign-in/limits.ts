import { createHash } from 'node:crypto'
import { SyncError } from '../../core/errors.ts'
import type { AccessStore } from '../../core/ports/access-store.ts'
import { networkOf } from './network-of.ts'

const windowMs = 15 * 60_000
const perName = 10
const perAddress = 50
/** Over all addresses, for guesses from many of them. So many that a person who mistypes never meets it. */
const perNameAnywhere = 500

/**
 * Counts an attempt to sign in, over all processes: from one address, from there for one name, and for that name from
 * anywhere. Somebody else who guesses locks nobody out, unless it is from very many addresses. `takeBackAttempt` follows when it was a good one. Throws TOO_MANY_ATTEMPTS.
 */
export async function countAttempt(
  access: Pick<AccessStore, 'countAttempt'>,
  address: string,
  name: string | null,
): Promise<void> {
  const from = networkOf(address)
  const counters = [{ counter: nameOfAttempts(from, null), limit: perAddress }]
  if (name !== null)
    counters.push(
      { counter: nameOfAttempts(from, name), limit: perName },
      { counter: nameOfAttempts(null, name), limit: perNameAnywhere },
    )
  // What is refused for its address counts no further, or one address could shut a name for all others.
  for (const { counter, limit } of counters) {
    const retryAfterMs = await access.countAttempt(counter, limit, windowMs)
    if (retryAfterMs !== null)
      throw new SyncError('TOO_MANY_ATTEMPTS', 'There were too many attempts to sign in', { retryAfterMs })
  }
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
  const from = networkOf(address)
  await access.takeBackAttempt(nameOfAttempts(from, null), perAddress, windowMs)
  if (name === null) return
  await access.forgetAttempts(nameOfAttempts(from, name))
  await access.takeBackAttempt(nameOfAttempts(null, name), perNameAnywhere, windowMs)
}

/** The attempt that was counted was never looked at. */
export async function giveBackAttempt(
  access: Pick<AccessStore, 'takeBackAttempt'>,
  address: string,
  name: string,
): Promise<void> {
  const from = networkOf(address)
  await access.takeBackAttempt(nameOfAttempts(from, null), perAddress, windowMs)
  await access.takeBackAttempt(nameOfAttempts(from, name), perName, windowMs)
  await access.takeBackAttempt(nameOfAttempts(null, name), perNameAnywhere, windowMs)
}

/** What somebody has entered is of any length, and stays unknown here. */
function nameOfAttempts(from: string | null, name: string | null): string {
  return `sign-in ${createHash('sha256')
    .update(JSON.stringify([from, name]))
    .digest('hex')}`
}
