import { describe, expect, it } from 'vitest'
import { instant, text } from '../../../src/api/contract/inputs.ts'

describe('what people and programs send', () => {
  it('is a time of any zone, and UTC from then on', () => {
    expect(instant.parse('2024-01-01T00:00:00+23:00')).toBe('2023-12-31T01:00:00.000Z')
    expect(instant.safeParse('0000-01-01T00:00:00Z').success).toBe(false)
    expect(instant.safeParse('2024-01-01T00:00:00').success).toBe(false)
  })

  it.each(['a\0b', '\ud800', '   '])('is text that can be stored: not %j', (value) => {
    expect(text(10).safeParse(value).success).toBe(false)
  })
})
