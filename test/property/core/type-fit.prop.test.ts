import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { typeFit } from '../../../src/core/mapping/type-fit.ts'
import { convertValue } from '../../../src/core/values/convert.ts'
import { rawOf } from '../../../src/core/values/value.ts'
import { roomyTypes, typedValue, valuesOf } from '../../support/values.ts'

describe('what validation says about two types', () => {
  it('is borne out by every value: `never` converts nothing', () => {
    fc.assert(
      fc.property(typedValue, fc.constantFrom(...roomyTypes), ({ type, value }, target) => {
        fc.pre(typeFit(type, target) === 'never')
        expect(convertValue(value, target).ok).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })

  it('is borne out for every other pair by some value that converts', () => {
    for (const from of roomyTypes) {
      for (const to of roomyTypes.filter((type) => typeFit(from, type) !== 'never')) {
        const isText = from.kind === 'text' || from.kind === 'code'
        const pool = isText
          ? fc.sample(valuesOf[to.kind], 100).map((value) => `text:${rawOf(value)}` as const)
          : fc.sample(valuesOf[from.kind], 300)
        const converts = pool.some((value) => convertValue(value, to).ok)
        expect([from.kind, to.kind, converts]).toEqual([from.kind, to.kind, true])
      }
    }
  })
})
