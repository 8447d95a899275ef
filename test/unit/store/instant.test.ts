import { describe, expect, it } from 'vitest'
import { toInstant } from '../../../src/store/instant.ts'

describe('a timestamptz as Postgres writes it', () => {
  it.each([
    ['2024-05-01 10:00:00+00', '2024-05-01T10:00:00.000000Z'],
    ['2024-05-01 10:00:00.1+00', '2024-05-01T10:00:00.100000Z'],
    ['2024-05-01 10:00:00.123456+00', '2024-05-01T10:00:00.123456Z'],
    ['2024-05-01 01:30:00.000001+02', '2024-04-30T23:30:00.000001Z'],
    ['2024-05-01 10:00:00.5+05:30', '2024-05-01T04:30:00.500000Z'],
    ['2024-12-31 20:00:00-08', '2025-01-01T04:00:00.000000Z'],
  ])('%s is %s, to the microsecond', (raw, expected) => {
    expect(toInstant(raw)).toBe(expected)
  })

  it('is refused when it is no point in time', () => {
    expect(() => toInstant('infinity')).toThrow(RangeError)
  })
})
