import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { SyncError } from '../core/errors.ts'

/** Keys for sealing, by their names; the first one seals, all of them open, so that keys can be changed one by one. */
export type SecretKeys = ReadonlyMap<string, Buffer>

const prefix = 'sealed:v1:'
const sealedPattern = /^sealed:v1:([A-Za-z0-9_-]{1,32}):([A-Za-z0-9_-]+)$/
const keyBytes = 32
const ivBytes = 12
const tagBytes = 16

/** `NAME:KEY,NAME:KEY`, each key 32 bytes in base64; null when the text is anything else. */
export function parseSecretKeys(text: string): SecretKeys | null {
  const keys = new Map<string, Buffer>()
  for (const part of text.split(',')) {
    const match = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]{43}=?)$/.exec(part.trim())
    const [, name = '', encoded = ''] = match ?? []
    const key = Buffer.from(encoded, 'base64')
    if (key.length !== keyBytes || keys.has(name)) return null
    keys.set(name, key)
  }
  return keys
}

/**
 * A secret as text that may be stored: AES-256-GCM, with the name of its key. `owner` is who it belongs to (the name of the
 * connection): moved to another owner it does not open. Throws CONFIG_INVALID without a key.
 */
export function sealSecret(secret: string, owner: string, keys: SecretKeys): string {
  const [first] = keys
  if (first === undefined) {
    throw new SyncError('CONFIG_INVALID', 'COUPLET_SECRET_KEY is not set, so no secret can be stored')
  }
  const [name, key] = first
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(boundTo(name, owner))
  const sealed = Buffer.concat([iv, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `${prefix}${name}:${sealed.toString('base64url')}`
}

/** Whether the text is a sealed secret, whatever its key. */
export function isSealed(text: string): boolean {
  return text.startsWith('sealed:')
}

/** Name of the key that the text was sealed with; null: it is no sealed secret of this version. */
export function sealedBy(text: string): string | null {
  return sealedPattern.exec(text)?.[1] ?? null
}

/**
 * The secret of a sealed text. Throws SECRET_NOT_READABLE, which names owner and key and never the text: the key is not
 * among ours, the owner is another one, or the text was changed.
 */
export function openSecret(text: string, owner: string, keys: SecretKeys): string {
  const match = sealedPattern.exec(text)
  if (!match) throw notReadable(owner, 'is no sealed secret of this version')
  const [, name = '', encoded = ''] = match
  const key = keys.get(name)
  if (!key) throw notReadable(owner, `was sealed with key ${name}, which COUPLET_SECRET_KEY does not have`)
  const sealed = Buffer.from(encoded, 'base64url')
  if (sealed.length < ivBytes + tagBytes) throw notReadable(owner, 'is cut off')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes))
    decipher.setAAD(boundTo(name, owner))
    decipher.setAuthTag(sealed.subarray(-tagBytes))
    return decipher.update(sealed.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    throw notReadable(owner, 'was changed, belongs to somebody else, or its key is not the right one')
  }
}

function boundTo(name: string, owner: string): Buffer {
  return Buffer.from(JSON.stringify([name, owner]), 'utf8')
}

function notReadable(owner: string, reason: string): SyncError {
  return new SyncError('SECRET_NOT_READABLE', `The stored secret of ${owner} ${reason}`, { data: { owner } })
}
