import { createHmac } from 'node:crypto'

const prefix = 'whsec_'
const LEAST_BYTES = 24
const MOST_BYTES = 64

/** A secret for signatures as people hand it on: `whsec_` and the bytes in base64. */
export function writeSigningSecret(bytes: Buffer): string {
  return `${prefix}${bytes.toString('base64')}`
}

/** The bytes of a secret: 24 to 64 in base64 behind `whsec_` (Standard Webhooks); null: it is none. */
export function readSigningSecret(text: string): Buffer | null {
  const encoded = text.startsWith(prefix) ? text.slice(prefix.length) : ''
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) || encoded.length % 4 !== 0) return null
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.length >= LEAST_BYTES && bytes.length <= MOST_BYTES ? bytes : null
}

/**
 * The headers that prove to the receiver who has sent a message and when (Standard Webhooks 1.0): HMAC-SHA256 over id, time and
 * body, one signature per secret, so that a receiver knows either while a secret is being changed. Seconds since 1970.
 */
export function signMessage(
  message: { readonly id: string; readonly seconds: number; readonly body: string },
  secrets: readonly Buffer[],
): Readonly<Record<string, string>> {
  const { id, seconds, body } = message
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  }
}
