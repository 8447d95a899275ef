import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { SyncError } from '../core/errors.ts'

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt)

/** About 100 ms and 32 MB for each guess. */
const cost = { log2: 15, r: 8, p: 3 }
const keyBytes = 32
const shortest = 12
const longest = 200

/** A password that nobody can guess, for whoever is the first here. */
export function newPassword(): string {
  return randomBytes(18).toString('base64url')
}

/** What is stored of a password: scrypt with its parameters and a salt of its own. Throws PASSWORD_REFUSED. */
export async function hashPassword(password: string): Promise<string> {
  if (password.length < shortest || password.length > longest) {
    throw new SyncError('PASSWORD_REFUSED', `A password has ${shortest} to ${longest} characters`)
  }
  const salt = randomBytes(16)
  const hash = await hashWith(password, salt, cost)
  return ['scrypt', cost.log2, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join(
    ':',
  )
}

/** Whether it is the password of the hash. Without a hash it takes as long and is false: nobody learns which names exist. */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const [kind, log2, r, p, salt, hash] = (stored ?? nobody).split(':')
  if (kind !== 'scrypt' || !salt || !hash || password.length > longest) return false
  const expected = Buffer.from(hash, 'base64url')
  const given = await hashWith(password, Buffer.from(salt, 'base64url'), {
    log2: Number(log2),
    r: Number(r),
    p: Number(p),
  })
  return timingSafeEqual(given, expected) && stored !== null
}

const nobody = `scrypt:${cost.log2}:${cost.r}:${cost.p}:${'A'.repeat(22)}:${'A'.repeat(43)}`

function hashWith(password: string, salt: Buffer, { log2, r, p }: typeof cost): Promise<Buffer> {
  const N = 2 ** log2
  return derive(password.normalize('NFKC'), salt, keyBytes, { N, r, p, maxmem: 256 * N * r })
}
