import { createHash, randomBytes } from 'node:crypto'

const pattern = /^cpl_[A-Za-z0-9_-]{43}$/

/** A new key: 256 random bits, with a prefix by which scanners for leaked secrets can know it. */
export function newKey(): string {
  return `cpl_${randomBytes(32).toString('base64url')}`
}

export function isKey(text: string): boolean {
  return pattern.test(text)
}

/** What is stored of a key. No salt is needed: nobody can guess 256 random bits. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
