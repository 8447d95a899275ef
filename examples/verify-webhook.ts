/**
 * What a receiver of Couplet's webhooks does first: it believes a message only when the secret of the webhook has signed
 * it, lately. `body` is what has arrived, byte for byte, before anything parses it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** A message that was recorded somewhere and is sent again has no effect after this time. */
const TOLERANCE_SECONDS = 300

export function isFromCouplet(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
  secret: string,
): boolean {
  const id = String(headers['webhook-id'])
  const timestamp = String(headers['webhook-timestamp'])
  const age = Date.now() / 1_000 - Number(timestamp)
  if (!(Math.abs(age) <= TOLERANCE_SECONDS)) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
  // There are two signatures while the secret is being changed: one that fits is enough.
  return String(headers['webhook-signature'])
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice('v1,'.length), 'base64'))
    .some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected))
}
