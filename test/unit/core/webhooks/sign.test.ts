import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { readSigningSecret, signMessage, writeSigningSecret } from '../../../../src/core/webhooks/sign.ts'

const secrets = [Buffer.alloc(32, 1), Buffer.alloc(24, 2)]
const body = JSON.stringify({ text: 'Käse "\\ 漢字' })
const message = { id: 'b1946ac9-2492-4d23-8b3c-1d2f3a4b5c6d', seconds: Math.floor(Date.now() / 1_000), body }
const verify =
  (secret: Buffer, headers: Readonly<Record<string, string>>, text = body) =>
  () =>
    new Webhook(writeSigningSecret(secret)).verify(text, headers)

describe('the signature of a message', () => {
  it('is what the library of Standard Webhooks expects, for each of the secrets', () => {
    const headers = signMessage(message, secrets)
    for (const secret of secrets) expect(verify(secret, headers)).not.toThrow()
    expect(verify(Buffer.alloc(32, 3), headers)).toThrow()
  })

  it('holds for this id, time and body only', () => {
    const headers = signMessage(message, secrets)
    const [secret = Buffer.alloc(0)] = secrets
    expect(verify(secret, headers, `${body} `)).toThrow()
    expect(verify(secret, { ...headers, 'webhook-id': 'another' })).toThrow()
    const later = String(message.seconds + 1)
    expect(verify(secret, { ...headers, 'webhook-timestamp': later })).toThrow()
  })
})

describe('a secret for signatures', () => {
  it('is read as it was written', () => {
    for (const secret of secrets) expect(readSigningSecret(writeSigningSecret(secret))).toEqual(secret)
  })

  it.each([
    ['nothing', ''],
    ['no prefix', Buffer.alloc(32).toString('base64')],
    ['too few bytes', writeSigningSecret(Buffer.alloc(23))],
    ['too many bytes', writeSigningSecret(Buffer.alloc(65))],
    ['no base64', `whsec_${'ö'.repeat(32)}`],
    ['a broken end', `${writeSigningSecret(Buffer.alloc(32, 1))}=`],
  ])('is none with %s', (_what, text) => {
    expect(readSigningSecret(text)).toBeNull()
  })
})
