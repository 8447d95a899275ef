import { describe, expect, it } from 'vitest'
import { afterUnit, earlier } from '../../../../src/connectors/business-central/moments.ts'

describe('moments', () => {
  it('end with their millisecond, or their day', () => {
    expect(afterUnit('2024-05-01T08:00:00.123000Z', 'time')).toBe('2024-05-01T08:00:00.124000Z')
    expect(afterUnit('2023-12-31T23:59:59.999000Z', 'time')).toBe('2024-01-01T00:00:00.000000Z')
    expect(afterUnit('2024-02-28', 'day')).toBe('2024-02-29')
  })

  it('have nothing behind them at the end of time', () => {
    expect(afterUnit('9999-12-31T23:59:59.999000Z', 'time')).toBeNull()
    expect(afterUnit('9999-12-31', 'day')).toBeNull()
  })

  it('compare as they sort', () => {
    expect(earlier('2024-05-01', '2023-05-01')).toBe('2023-05-01')
  })
})
