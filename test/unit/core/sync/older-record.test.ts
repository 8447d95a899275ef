import { expect, it } from 'vitest'
import type { FieldSchema } from '../../../../src/core/mapping/schema.ts'
import { isSurelyOlder } from '../../../../src/core/sync/older-record.ts'
import type { Values } from '../../../../src/core/values/value.ts'

const sentAt = '2024-05-02T12:00:00.000000Z'

function isOlder(kind: 'instant' | 'moment' | 'date' | null, modifiedAt: string | null, sent: Values = {}) {
  const field = {
    name: 'modified',
    type: { kind: kind ?? 'instant' },
    nullable: true,
    writable: true,
    hasDefault: true,
  }
  const fields = new Map<string, FieldSchema>([['modified', field]])
  return isSurelyOlder({ modifiedAt }, { fields, modifiedField: kind && 'modified' }, sent, sentAt)
}

it.each([
  ['instant', '2024-05-02T11:54:59.999999Z', true],
  ['instant', '2024-05-02T11:55:00.000001Z', false],
  ['instant', '2024-05-02T13:00:00Z', false],
  ['instant', 'infinity', false],
  ['moment', '2024-05-01T23:54:59', true],
  ['moment', '2024-05-01T23:55:01', false],
  ['date', '2024-04-30', true],
  ['date', '2024-05-01', false],
] as const)('a record with the %s %s: %s', (kind, modifiedAt, expected) => {
  expect(isOlder(kind, modifiedAt)).toBe(expected)
})

it('says nothing where there is no time, or where the time is what was sent', () => {
  expect(isOlder('instant', null)).toBe(false)
  expect(isOlder(null, '1999-01-01T00:00:00Z')).toBe(false)
  expect(isOlder('instant', '1999-01-01T00:00:00Z', { modified: 'instant:1999-01-01T00:00:00Z' })).toBe(false)
})
