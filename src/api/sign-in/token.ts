import { createHash, randomBytes } from 'node:crypto'

/** What a browser keeps of a session: 256 random bits. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What the store keeps of it: who reads the store cannot become anybody. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
