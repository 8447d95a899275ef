import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileChain } from '../../../../src/core/transform/compile-chain.ts'
import type { TransformStep } from '../../../../src/core/transform/steps.ts'
import { dec, type Value } from '../../../../src/core/values/value.ts'

const none = new Map()

/** The value there and back, `refused` where the chain takes it at no price. */
function thereAndBack(steps: readonly TransformStep[], value: Value): Value | 'refused' {
  const there = compileChain(steps, 'forward', 'both', none)(value, {})
  if (!there.ok) return 'refused'
  const back = compileChain(steps, 'back', 'both', none)(there.value, {})
  return back.ok ? back.value : 'refused'
}

const locale = fc.constantFrom('en', 'de', 'de-CH', 'fr', 'en-IN', 'sv', 'pl', 'es', 'pt-BR', 'da')
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 12 }))
  .map(([digits, scale]) => dec(`${digits}e-${scale}`))
const two = (highest: number) =>
  fc.integer({ min: 1, max: highest }).map((number) => String(number).padStart(2, '0'))
const date = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), two(12), two(28))
  .map(([year, month, day]) => `${String(year).padStart(4, '0')}-${month}-${day}`)
const time = fc
  .tuple(two(23), two(59), two(59), fc.integer({ min: 0, max: 999_999 }))
  .map(([hour, minute, second, micro]) => `${hour}:${minute}:${second}.${String(micro).padStart(6, '0')}`)

describe('a step that has a way back', () => {
  it('formatNumber, then read again, gives the same number', () => {
    fc.assert(
      fc.property(decimal, locale, fc.boolean(), (value, name, grouping) => {
        expect(thereAndBack([{ formatNumber: { locale: name, grouping } }], value)).toBe(value)
      }),
    )
  })

  it('formatNumber with fixed decimals gives the same number or refuses it', () => {
    fc.assert(
      fc.property(decimal, locale, fc.integer({ min: 0, max: 6 }), (value, name, decimals) => {
        const back = thereAndBack([{ formatNumber: { locale: name, decimals, grouping: true } }], value)
        const digits = (value ?? '').split('.')[1]?.length ?? 0
        expect(back).toBe(digits > decimals ? 'refused' : value)
      }),
    )
  })

  it('unit gives the same number, and refuses only what has no end', () => {
    const factor = fc.tuple(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 0, max: 4 }))
    const decimalOf = ([digits, scale]: [number, number]) =>
      (dec(`${digits}e-${scale}`) ?? '').slice('dec:'.length)
    fc.assert(
      fc.property(decimal, factor.map(decimalOf), factor.map(decimalOf), (value, multiply, divide) => {
        expect([value, 'refused']).toContain(thereAndBack([{ unit: { multiply, divide } }], value))
      }),
    )
    fc.assert(
      fc.property(decimal, fc.constantFrom('2', '0.5', '12.5', '1000', '0.04'), (value, multiply) => {
        expect(thereAndBack([{ unit: { multiply, divide: '1' } }], value)).toBe(value)
      }),
    )
  })

  it('formatDate gives the same date, whatever language the month is in', () => {
    const format = fc.constantFrom(
      'dd.MM.yyyy',
      'd.M.yyyy',
      'yyyyMMdd',
      'd. MMMM yyyy',
      "MMM d, yyyy 'at noon'",
    )
    fc.assert(
      fc.property(date, format, locale, (day, written, name) => {
        const steps = [{ formatDate: { format: written, locale: name, utc: false } }]
        expect(thereAndBack(steps, `date:${day}`)).toBe(`date:${day}`)
      }),
    )
  })

  it('formatDate gives the same moment, or refuses one with parts that the format does not show', () => {
    const format = fc.constantFrom(
      'yyyy-MM-dd HH:mm',
      'dd.MM.yyyy H:mm:ss',
      'dd/MM/yyyy HH:mm:ss.SSS',
      'yyyyMMddHHmmssSSSSSS',
    )
    fc.assert(
      fc.property(date, time, format, (day, hour, written) => {
        const value = `moment:${day}T${hour}` as const
        const back = thereAndBack([{ formatDate: { format: written, locale: 'en', utc: false } }], value)
        expect([value, 'refused']).toContain(back)
      }),
    )
  })

  it('lookup gives the same text when the table is one to one', () => {
    const table = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), { minKeys: 1 })
    fc.assert(
      fc.property(table, (values) => {
        fc.pre(new Set(Object.values(values)).size === Object.keys(values).length)
        for (const key of Object.keys(values))
          expect(thereAndBack([{ lookup: { values } }], `text:${key}`)).toBe(`text:${key}`)
      }),
    )
  })

  it('several of them lead back in reverse order', () => {
    fc.assert(
      fc.property(decimal, (value) => {
        const steps = [
          { unit: { multiply: '0.001', divide: '1' } },
          { formatNumber: { locale: 'de', grouping: true } },
        ]
        expect(thereAndBack(steps, value)).toBe(value)
      }),
    )
  })
})

describe('rounding', () => {
  it('is half away from zero, and off by at most half a unit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -10_000_000, max: 10_000_000 }),
        fc.integer({ min: 0, max: 3 }),
        (digits, decimals) => {
          const chain = compileChain([{ round: { decimals } }], 'forward', 'forward', none)
          const result = chain(dec(`${digits}e-4`), {})
          const unit = 10 ** (4 - decimals)
          const expected = Math.sign(digits) * Math.floor(Math.abs(digits) / unit + 0.5)
          expect(result).toEqual({ ok: true, value: dec(`${expected === 0 ? 0 : expected}e-${decimals}`) })
        },
      ),
    )
  })
})
