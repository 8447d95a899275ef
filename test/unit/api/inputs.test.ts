import { describe, expect, it } from 'vitest'
import { instant, text } from '../../../src/api/contract/inputs.ts'
import { parseInstant } from '../../../src/cli/arguments.ts'

describe('what people and programs send', () => {
  it('is a time of any zone, and UTC from then on', () => {
    expect(instant.parse('2024-01-01T00:00:00+23:00')).toBe('2023-12-31T01:00:00.000Z')
    expect(instant.safeParse('0000-01-01T00:00:00Z').success).toBe(false)
    expect(instant.safeParse('2024-01-01T00:00:00').success).toBe(false)
  })

  it.each([
    '9999-12-31T23:59:59-05:00',
    '9998-12-31T23:59:59-00:01',
    '0001-01-01T00:00:00+23:59',
    '1900-01-01T00:00:00+00:01',
  ])('is a time with four digits in its year in UTC and everywhere: not %s', (time) => {
    expect(instant.safeParse(time).success).toBe(false)
    expect(() => parseInstant(time)).toThrow('1900 to 9998')
    expect(parseInstant('9998-12-31')).toBe(instant.parse('9998-12-31T00:00:00Z'))
  })

  it.each(['a\0b', '\ud800', '   '])('is text that can be stored: not %j', (value) => {
    expect(text(10).safeParse(value).success).toBe(false)
  })
})
