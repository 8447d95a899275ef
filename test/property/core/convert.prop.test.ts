import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FieldType } from '../../../src/core/mapping/schema.ts'
import { convertValue, parseLiteral } from '../../../src/core/values/convert.ts'
import { displayValue, int, normaliseDecimal, rawOf } from '../../../src/core/values/value.ts'
import { roomyTypes, typedValue, valuesOf } from '../../support/values.ts'

const anyType = fc.constantFrom(...roomyTypes)
const isTextual = (type: FieldType) => type.kind === 'text' || type.kind === 'code'

describe('converting a value', () => {
  it('to its own type changes nothing', () => {
    fc.assert(
      fc.property(typedValue, ({ type, value }) => {
        expect(convertValue(value, type)).toEqual({ ok: true, value })
      }),
      { numRuns: 500 },
    )
  })

  it('and back gives the same value, or was refused: nothing is lost', () => {
    fc.assert(
      fc.property(typedValue, anyType, ({ type, value }, target) => {
        const there = convertValue(value, target)
        fc.pre(there.ok && !isTextual(type))
        if (there.ok) expect(convertValue(there.value, type)).toEqual({ ok: true, value })
      }),
      { numRuns: 3000 },
    )
  })

  it('from text gives a value that stays the same when it is converted again', () => {
    const source = fc.oneof(
      valuesOf.text,
      typedValue.map(({ value }) => `text:${rawOf(value)}` as const),
    )
    fc.assert(
      fc.property(source, anyType, (value, target) => {
        const first = convertValue(value, target)
        if (first.ok) expect(convertValue(first.value, target)).toEqual(first)
      }),
      { numRuns: 2000 },
    )
  })

  it('to text of limited length keeps every character or fails', () => {
    fc.assert(
      fc.property(valuesOf.text, fc.nat(12), (value, maxLength) => {
        const result = convertValue(value, { kind: 'text', maxLength })
        const fits = Array.from(rawOf(value)).length <= maxLength
        expect(result.ok ? result.value : result.problem.code).toBe(fits ? value : 'VALUE_TRUNCATED')
      }),
    )
  })

  it('to a decimal with precision and scale succeeds exactly when scaled arithmetic says it fits', () => {
    const precision = fc.integer({ min: 1, max: 12 })
    fc.assert(
      fc.property(valuesOf.decimal, precision, fc.integer({ min: -2, max: 14 }), (value, p, s) => {
        const result = convertValue(value, { kind: 'decimal', precision: p, scale: s })
        const scaled = normaliseDecimal(`${rawOf(value)}e${s}`)
        const magnitude = scaled.replace('-', '')
        const fits = !scaled.includes('.') && (scaled === '0' || magnitude.length <= p)
        expect(result.ok).toBe(fits)
        if (result.ok) expect(result.value).toBe(value)
      }),
      { numRuns: 2000 },
    )
  })

  it('to a whole number succeeds exactly when it lies in the range of the type', () => {
    const bits = fc.constantFrom(16, 32, 64)
    const near = fc
      .tuple(bits, fc.boolean(), fc.bigInt({ min: -12n, max: 12n }))
      .map(([exponent, isNegative, away]) => (isNegative ? -1n : 1n) * 2n ** BigInt(exponent - 1) + away)
    fc.assert(
      fc.property(fc.oneof(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), near), bits, (number, size) => {
        const limit = 2n ** BigInt(size - 1)
        const result = convertValue(int(number), { kind: 'integer', bits: size })
        expect(result.ok).toBe(number >= -limit && number < limit)
        if (result.ok) expect(result.value).toBe(int(number))
      }),
      { numRuns: 1000 },
    )
  })

  it('typed by a person as it is shown gives the value back', () => {
    fc.assert(
      fc.property(typedValue, ({ type, value }) => {
        const typed = isTextual(type) ? rawOf(value) : displayValue(value)
        expect(parseLiteral(typed, type)).toEqual({ ok: true, value })
      }),
      { numRuns: 500 },
    )
  })
})

describe('a decimal in its plain form', () => {
  const zeros = fc.nat(3).map((count) => '0'.repeat(count))
  const spelling = fc
    .tuple(fc.constantFrom('', '-', '+'), zeros, fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.nat(25), zeros)
    .map(([sign, lead, digits, decimals, tail]) => {
      const padded = String(digits).padStart(decimals + 1, '0')
      const point = padded.length - decimals
      const raw = `${sign}${lead}${padded.slice(0, point)}.${padded.slice(point)}${tail}`
      return { raw, scaled: (sign === '-' ? -1n : 1n) * digits, decimals }
    })

  it('is the same number, spelled once, and stays as it is', () => {
    fc.assert(
      fc.property(spelling, ({ raw, scaled, decimals }) => {
        const plain = normaliseDecimal(raw)
        expect(plain).toMatch(/^(0|-?(0\.\d*[1-9]|[1-9]\d*(\.\d*[1-9])?))$/)
        const [whole = '', fraction = ''] = plain.split('.')
        expect(BigInt(`${whole}${fraction.padEnd(decimals, '0')}`)).toBe(scaled)
        expect(normaliseDecimal(plain)).toBe(plain)
      }),
      { numRuns: 1000 },
    )
  })
})
