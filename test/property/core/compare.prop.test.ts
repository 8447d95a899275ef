import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareValues } from '../../../src/core/values/compare.ts'
import { dec, rawOf, type Value } from '../../../src/core/values/value.ts'
import { valuesOf } from '../../support/values.ts'

const present = (value: Value) => value as NonNullable<Value>

describe('the order of values', () => {
  it('of decimals is that of their scaled whole numbers', () => {
    const scaled = (value: Value) => BigInt(rawOf(dec(`${rawOf(value)}e20`)))
    fc.assert(
      fc.property(valuesOf.decimal, valuesOf.decimal, (a, b) => {
        const expected = scaled(a) < scaled(b) ? -1 : Number(scaled(a) > scaled(b))
        expect(Math.sign(compareValues(present(a), present(b)))).toBe(expected)
      }),
      { numRuns: 1000 },
    )
  })

  it('of texts is that of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(valuesOf.text, valuesOf.text, (a, b) => {
        const expected = Buffer.compare(Buffer.from(rawOf(a)), Buffer.from(rawOf(b)))
        expect(Math.sign(compareValues(present(a), present(b)))).toBe(expected)
      }),
      { numRuns: 1000 },
    )
  })
})
