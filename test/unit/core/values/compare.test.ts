import { describe, expect, it } from 'vitest'
import { compareValues } from '../../../../src/core/values/compare.ts'
import type { Value } from '../../../../src/core/values/value.ts'

describe('compareValues', () => {
  it.each<NonNullable<Value>[]>([
    ['int:9', 'int:10'],
    ['int:-10', 'int:-9'],
    ['int:-1', 'int:0'],
    ['dec:0.1', 'dec:0.11'],
    ['dec:9.9', 'int:10'],
    ['dec:-0.5', 'dec:-0.25'],
    ['int:9007199254740992', 'int:9007199254740993'],
    ['dec:0.1', 'dec:0.1000000000000000000000001'],
    ['text:', 'text:a'],
    ['text:B', 'text:a'],
    ['text:\uffff', 'text:😀'],
    ['text:10', 'text:9'],
    ['bool:false', 'bool:true'],
    ['date:2024-04-30', 'date:2024-05-01'],
    ['instant:2024-04-30T10:00:00.000000Z', 'instant:2024-04-30T10:00:00.000001Z'],
  ])('puts %s before %s', (smaller, greater) => {
    expect(compareValues(smaller as Value & string, greater as Value & string)).toBeLessThan(0)
    expect(compareValues(greater as Value & string, smaller as Value & string)).toBeGreaterThan(0)
    expect(compareValues(smaller as Value & string, smaller as Value & string)).toBe(0)
  })
})
