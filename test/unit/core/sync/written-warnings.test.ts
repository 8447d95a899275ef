import { describe, expect, it } from 'vitest'
import { warningsOfWrite } from '../../../../src/core/sync/written-warnings.ts'
import { makeMapping } from '../../../support/factories.ts'

const fields = [
  { local: 'name', remote: 'name' },
  { local: 'city', remote: 'city', direction: 'ToIntegrationTable' },
  { local: 'phone', remote: 'phone' },
]
const { to } = makeMapping({ fields }).transfers
const before = { name: 'text:a', city: 'text:b', phone: 'text:c' } as const
const codes = (sent: object, after: object, was: typeof before | null = before) =>
  warningsOfWrite(to, { ...sent }, was, { ...before, ...after }).map(({ code, field }) => [code, field])

describe('what a write has made of the record', () => {
  it('is no news when it is what was sent, blank for null included', () => {
    expect(codes({ name: 'text:a', city: 'text:' }, { city: null })).toEqual([])
    expect(codes({ name: 'text:a', other: 'text:x' }, {})).toEqual([])
  })

  it('is a warning when a value is kept in another form', () => {
    expect(codes({ name: 'text:x' }, { name: 'text:X' })).toEqual([['VALUE_NORMALISED', 'name']])
    expect(codes({ name: 'text:x' }, { name: null })).toEqual([['VALUE_NORMALISED', 'name']])
  })

  it('is a warning when a field that only the source may change was changed beside it', () => {
    expect(codes({ name: 'text:a' }, { city: 'text:other' })).toEqual([['FIELD_CHANGED_BESIDE', 'city']])
    expect(codes({ name: 'text:a' }, { phone: 'text:other' })).toEqual([])
    expect(codes({ name: 'text:a' }, { city: 'text:other' }, null)).toEqual([])
  })
})
