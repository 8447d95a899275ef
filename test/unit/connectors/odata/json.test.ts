import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ExactNumber,
  type Json,
  jsonNumber,
  numberText,
  parseJson,
  stringifyJson,
} from '../../../../src/connectors/odata/json.ts'
import { normaliseDecimal } from '../../../../src/core/values/value.ts'

describe('numbers of JSON', () => {
  it.each([
    '9223372036854775807',
    '-9223372036854775808',
    '9007199254740993',
    '922337203685477.5807',
    '0.1234567890123456789',
    '123456789012345678901234567890.123456789',
    '1e400',
    '1e-400',
    '20000.0000',
    '-0.5',
    '1E5',
    '0',
  ])('%s stays what it is', (digits) => {
    for (const text of [
      digits,
      `{"a":${digits}}`,
      `[1, ${digits} ]`,
      `{"a" :\n${digits}}`,
      `{"a":[[${digits}]]}`,
    ]) {
      const found: string[] = []
      const collect = (value: Json): void => {
        const number = numberText(value)
        if (number !== null) found.push(number)
        else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect)
      }
      collect(parseJson(text))
      expect(found.map(normaliseDecimal)).toContain(normaliseDecimal(digits))
    }
  })

  it('are plain numbers where nothing is lost', () => {
    expect(parseJson('{"a":1.5,"b":"12345678901234567890","c":12345678901234567890}')).toEqual({
      a: 1.5,
      b: '12345678901234567890',
      c: new ExactNumber('12345678901234567890'),
    })
    expect(parseJson('[3.25,"W/\\"1234567890123456789\\""]')).toEqual([3.25, 'W/"1234567890123456789"'])
  })

  it('any number comes back digit by digit, through reading and writing', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,25})(\.\d{1,20})?$/)
    fc.assert(
      fc.property(fc.array(digits, { minLength: 1 }), (numbers) => {
        const text = `{"value":[${numbers.join(',')}]}`
        const read = parseJson(text) as { readonly value: readonly Json[] }
        const plain = (values: readonly Json[]) =>
          values.map((value) => normaliseDecimal(numberText(value) ?? ''))
        expect(plain(read.value)).toEqual(numbers.map(normaliseDecimal))
        const written = parseJson(stringifyJson({ value: numbers.map(jsonNumber) })) as typeof read
        expect(plain(written.value)).toEqual(numbers.map(normaliseDecimal))
      }),
    )
  })

  it('everything else is read and written as JSON.parse and JSON.stringify do', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(JSON.parse(stringifyJson(parseJson(text)))).toEqual(JSON.parse(text))
      }),
    )
  })

  it.each(['', 'x', '01', '1.', '.5', '1e', 'NaN', '1,2', '+1'])('%s is no number for a body', (text) => {
    expect(() => jsonNumber(text)).toThrow(RangeError)
  })

  it.each(['', '{', '{"a":12345678901234567890', '[1,]', '{"a":12345678901234567890,}'])(
    '%s is no JSON',
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError)
    },
  )
})
