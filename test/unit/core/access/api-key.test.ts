import { describe, expect, it } from 'vitest'
import { everything, isInScope, isLimited, judgeKey } from '../../../../src/core/access/api-key.ts'

const now = new Date('2026-05-01T12:00:00Z')

describe('an API key', () => {
  it.each([
    [{ revokedAt: null, expiresAt: null }, 'valid'],
    [{ revokedAt: null, expiresAt: '2026-05-01T12:00:00.000000Z' }, 'expired'],
    [{ revokedAt: null, expiresAt: '2026-05-01T12:00:01.000000Z' }, 'valid'],
    [{ revokedAt: '2026-04-01T00:00:00.000000Z', expiresAt: '2027-01-01T00:00:00.000000Z' }, 'revoked'],
  ])('%o is %s', (key, state) => {
    expect(judgeKey(key, now)).toBe(state)
  })

  it('of some pairs or mappings is for nothing that does not name one of them', () => {
    expect(isLimited(everything)).toBe(false)
    expect(isInScope(everything, null, null)).toBe(true)
    const pairs = { pairs: ['main'], mappings: null }
    expect(isLimited(pairs)).toBe(true)
    expect([
      isInScope(pairs, 'main', null),
      isInScope(pairs, 'other', null),
      isInScope(pairs, null, null),
    ]).toEqual([true, false, false])
    const mappings = { pairs: ['main'], mappings: ['CUSTOMER'] }
    expect(isInScope(mappings, 'main', 'CUSTOMER')).toBe(true)
    expect(isInScope(mappings, 'main', 'ITEM')).toBe(false)
    expect(isInScope(mappings, 'main', null)).toBe(false)
  })
})
