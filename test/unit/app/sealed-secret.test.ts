import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/app/config.ts'
import { createConnections } from '../../../src/app/connections.ts'
import {
  isSealed,
  openSecret,
  parseSecretKeys,
  type SecretKeys,
  sealSecret,
} from '../../../src/app/sealed-secret.ts'

const newKey = () => randomBytes(32).toString('base64')
const keysOf = (text: string): SecretKeys => parseSecretKeys(text) ?? expect.fail('no keys')
const older = `2025:${newKey()}`
const keys = keysOf(older)
const notReadable = expect.objectContaining({ code: 'SECRET_NOT_READABLE', kind: 'config' })

describe('a sealed secret', () => {
  it('opens again, is different each time, and shows nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (secret) => {
        const text = sealSecret(secret, 'crm', keys)
        expect(text).toMatch(/^sealed:v1:2025:[\w-]+$/)
        expect(isSealed(text)).toBe(true)
        expect(openSecret(text, 'crm', keys)).toBe(secret)
        expect(sealSecret(secret, 'crm', keys)).not.toBe(text)
        if (secret.length > 3)
          expect(Buffer.from(text.split(':')[3] ?? '', 'base64url').toString()).not.toContain(secret)
      }),
    )
  })

  it('opens with an older key while a newer one seals, until the older one is taken away', () => {
    const text = sealSecret('geheim', 'crm', keys)
    const newer = `2026:${newKey()}`
    const both = keysOf(`${newer}, ${older}`)
    expect(openSecret(text, 'crm', both)).toBe('geheim')
    const again = sealSecret('geheim', 'crm', both)
    expect(again).toMatch(/^sealed:v1:2026:/)
    expect(openSecret(again, 'crm', keysOf(newer))).toBe('geheim')
    expect(() => openSecret(text, 'crm', keysOf(newer))).toThrow(notReadable)
  })

  it('does not open when any character of it is changed', () => {
    const text = sealSecret('geheim', 'crm', keys)
    const begin = 'sealed:v1:2025:'.length
    for (let at = begin; at < text.length; at += 1) {
      // The last character of base64 may hold bits that mean nothing.
      const other = text[at] === 'A' ? 'Q' : 'A'
      const changed = text.slice(0, at) + other + text.slice(at + 1)
      const same = Buffer.from(changed.slice(begin), 'base64url').equals(
        Buffer.from(text.slice(begin), 'base64url'),
      )
      if (!same) expect(() => openSecret(changed, 'crm', keys)).toThrow(notReadable)
    }
  })

  it.each<readonly [string, (text: string) => string]>([
    ['cut off', (text) => text.slice(0, -4)],
    ['almost nothing', () => 'sealed:v1:2025:AAAA'],
    ['of another version', (text) => text.replace('v1', 'v2')],
    ['in the name of another key', (text) => text.replace(':2025:', ':2024:')],
    ['clear text', () => 'geheim'],
  ])('does not open: %s; and says so without repeating it', (_what, change) => {
    const text = change(sealSecret('geheim', 'crm', keys))
    const both = new Map([...keys, ['2024', keys.get('2025') ?? Buffer.alloc(32)]])
    try {
      openSecret(text, 'crm', both)
      expect.fail('it opened')
    } catch (error) {
      expect(error).toEqual(notReadable)
      expect(String(error)).toContain('crm')
      expect(String(error)).not.toContain(text.slice(-6))
    }
  })

  it('does not open for another connection', () => {
    expect(() => openSecret(sealSecret('geheim', 'crm', keys), 'erp', keys)).toThrow(notReadable)
  })

  it('is not made without a key', () => {
    expect(() => sealSecret('geheim', 'crm', new Map())).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })
})

describe('COUPLET_SECRET_KEY', () => {
  it.each([
    'x',
    '2026',
    '2026:abc',
    `2026:${randomBytes(31).toString('base64')}`,
    `${older},${older}`,
    `a b:${newKey()}`,
  ])('%s is refused without being shown', (text) => {
    const load = () => loadConfig({ COUPLET_SECRET_KEY: text })
    expect(load).toThrow(/COUPLET_SECRET_KEY = \(value not shown\): expected names and keys of 32 bytes/)
    expect(parseSecretKeys(text)).toBeNull()
  })

  it('opens the stored address of a connection', async () => {
    const config = loadConfig({ COUPLET_SECRET_KEY: older })
    const connection = {
      id: 'x',
      name: 'crm',
      kind: 'postgres',
      settings: { url: sealSecret('no-address', 'crm', keys) },
    }
    const connect = createConnections({ config, embedded: null, http: { worker: 'test' } as never }).connect(
      connection as never,
    )
    await expect(connect).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/^stored address \(connection crm\) is not an address/),
    })
  })
})
