import { describe, expect, it } from 'vitest'
import type { FieldType } from '../../../../src/core/mapping/schema.ts'
import { normaliseCode } from '../../../../src/core/values/code.ts'
import { convertValue, parseLiteral } from '../../../../src/core/values/convert.ts'
import type { Value } from '../../../../src/core/values/value.ts'

const textType = (maxLength: number | null): FieldType => ({ kind: 'text', maxLength })
const integer: FieldType = { kind: 'integer', bits: 32 }
const decimal = (precision: number | null, scale: number | null): FieldType => ({
  kind: 'decimal',
  precision,
  scale,
})
const option: FieldType = { kind: 'option', values: [0, 1, 3] }

function outcome(value: Value, target: FieldType): string | null {
  const result = convertValue(value, target)
  return result.ok ? result.value : result.problem.code
}

describe('convertValue to text', () => {
  it('leaves null and fitting text as they are', () => {
    expect(outcome(null, textType(1))).toBeNull()
    expect(outcome('text:', textType(1))).toBe('text:')
    expect(outcome('text:Ærø', textType(3))).toBe('text:Ærø')
  })

  it('refuses a text that is too long, with both lengths', () => {
    expect(convertValue('text:Copenhagen', textType(9))).toEqual({
      ok: false,
      problem: {
        code: 'VALUE_TRUNCATED',
        message: "'Copenhagen' has 10 characters, but the field takes 9",
      },
    })
  })

  it('counts characters, not code units', () => {
    expect(outcome('text:😀😀', textType(2))).toBe('text:😀😀')
    expect(outcome('text:😀😀', textType(1))).toBe('VALUE_TRUNCATED')
  })

  it('refuses U+0000 and lone surrogates', () => {
    expect(outcome('text:a\0b', textType(null))).toBe('VALUE_NOT_CONVERTIBLE')
    expect(outcome('text:a\ud800b', textType(null))).toBe('VALUE_NOT_CONVERTIBLE')
    expect(outcome('text:\udc00', { kind: 'code', maxLength: 20 })).toBe('VALUE_NOT_CONVERTIBLE')
  })

  it('writes other types in their canonical form', () => {
    expect(outcome('int:42', textType(2))).toBe('text:42')
    expect(outcome('bool:true', textType(null))).toBe('text:true')
    expect(outcome('date:2024-02-29', { kind: 'code', maxLength: 10 })).toBe('text:2024-02-29')
    expect(outcome('uuid:00000000-0000-4000-8000-000000000001', textType(35))).toBe('VALUE_TRUNCATED')
  })

  it('trims and capitalises a code before its length is checked', () => {
    expect(outcome('text:  eur ', { kind: 'code', maxLength: 3 })).toBe('text:EUR')
    expect(outcome('text:straße', { kind: 'code', maxLength: 6 })).toBe('text:STRAßE')
    expect(normaliseCode(' é\t ')).toBe('É\t')
  })
})

describe('convertValue to numbers', () => {
  it.each<[Value, string]>([
    ['int:2147483647', 'int:2147483647'],
    ['int:-2147483648', 'int:-2147483648'],
    ['int:2147483648', 'VALUE_NOT_CONVERTIBLE'],
    ['int:-2147483649', 'VALUE_NOT_CONVERTIBLE'],
    ['dec:12', 'int:12'],
    ['dec:12.5', 'VALUE_NOT_CONVERTIBLE'],
    ['text:12', 'int:12'],
    ['text:-12', 'int:-12'],
    ['text:012', 'VALUE_NOT_CONVERTIBLE'],
    ['text: 12', 'VALUE_NOT_CONVERTIBLE'],
    ['text:', 'VALUE_NOT_CONVERTIBLE'],
    ['text:-0', 'VALUE_NOT_CONVERTIBLE'],
    ['bool:true', 'int:1'],
    ['date:2024-01-01', 'VALUE_NOT_CONVERTIBLE'],
  ])('%s as a 32-bit integer is %s', (value, expected) => {
    expect(outcome(value, integer)).toBe(expected)
  })

  it('knows the range of each size of integer', () => {
    expect(outcome('int:-32768', { kind: 'integer', bits: 16 })).toBe('int:-32768')
    expect(outcome('int:32768', { kind: 'integer', bits: 16 })).toBe('VALUE_NOT_CONVERTIBLE')
    expect(outcome('int:9223372036854775807', { kind: 'integer', bits: 64 })).toBe('int:9223372036854775807')
    expect(outcome('int:9223372036854775808', { kind: 'integer', bits: 64 })).toBe('VALUE_NOT_CONVERTIBLE')
  })

  it.each<[Value, number | null, number | null, string]>([
    ['dec:999.99', 5, 2, 'dec:999.99'],
    ['dec:1000', 5, 2, 'VALUE_NOT_CONVERTIBLE'],
    ['dec:-999.99', 5, 2, 'dec:-999.99'],
    ['dec:0.005', 5, 2, 'VALUE_NOT_CONVERTIBLE'],
    ['int:7', 5, 2, 'dec:7'],
    ['text:12.50', 5, 2, 'dec:12.5'],
    ['text:1e3', 5, 2, 'VALUE_NOT_CONVERTIBLE'],
    ['dec:0.001', 2, 4, 'dec:0.001'],
    ['dec:0.01', 2, 4, 'VALUE_NOT_CONVERTIBLE'],
    ['dec:12000', 2, -3, 'dec:12000'],
    ['dec:12100', 2, -3, 'VALUE_NOT_CONVERTIBLE'],
    ['dec:123.45', 5, null, 'dec:123.45'],
    ['dec:123.456', 5, null, 'VALUE_NOT_CONVERTIBLE'],
    ['dec:123456789012345678901234567890.1', null, null, 'dec:123456789012345678901234567890.1'],
    ['dec:0', 1, 1, 'dec:0'],
  ])('%s in numeric(%s,%s) is %s', (value, precision, scale, expected) => {
    expect(outcome(value, decimal(precision, scale))).toBe(expected)
  })

  it('takes only listed option values', () => {
    expect(outcome('int:3', option)).toBe('int:3')
    expect(outcome('text:1', option)).toBe('int:1')
    expect(outcome('bool:false', option)).toBe('int:0')
    expect(convertValue('int:2', option)).toMatchObject({
      problem: { message: '2 is not one of the values 0, 1, 3' },
    })
  })
})

describe('convertValue to the other types', () => {
  it.each<[Value, FieldType['kind'], string]>([
    ['text:true', 'boolean', 'bool:true'],
    ['int:0', 'boolean', 'bool:false'],
    ['text:yes', 'boolean', 'VALUE_NOT_CONVERTIBLE'],
    ['int:2', 'boolean', 'VALUE_NOT_CONVERTIBLE'],
    ['text:2024-02-29', 'date', 'date:2024-02-29'],
    ['text:2023-02-29', 'date', 'VALUE_NOT_CONVERTIBLE'],
    ['moment:2024-02-29T00:00:00.000000', 'date', 'date:2024-02-29'],
    ['moment:2024-02-29T00:00:00.000001', 'date', 'VALUE_NOT_CONVERTIBLE'],
    ['instant:2024-02-29T00:00:00.000000Z', 'date', 'VALUE_NOT_CONVERTIBLE'],
    ['text:14:30', 'time', 'time:14:30:00.000000'],
    ['text:24:00', 'time', 'VALUE_NOT_CONVERTIBLE'],
    ['text:14:30:00.1234567', 'time', 'VALUE_NOT_CONVERTIBLE'],
    ['date:2024-02-29', 'moment', 'moment:2024-02-29T00:00:00.000000'],
    ['text:2024-02-29 14:30', 'moment', 'moment:2024-02-29T14:30:00.000000'],
    ['instant:2024-02-29T00:00:00.000000Z', 'moment', 'VALUE_NOT_CONVERTIBLE'],
    ['text:2024-02-29T14:30:05.5Z', 'instant', 'instant:2024-02-29T14:30:05.500000Z'],
    ['text:2024-02-29T14:30:05.5', 'instant', 'VALUE_NOT_CONVERTIBLE'],
    ['date:2024-02-29', 'instant', 'VALUE_NOT_CONVERTIBLE'],
    ['text:00000000-0000-4000-8000-00000000000A', 'uuid', 'uuid:00000000-0000-4000-8000-00000000000a'],
    ['text:1234', 'uuid', 'VALUE_NOT_CONVERTIBLE'],
    ['text:{"a":[1,null]}', 'json', 'json:{"a":[1,null]}'],
    ['text:{"b":1,"a":2}', 'json', 'VALUE_NOT_CONVERTIBLE'],
    ['text:12345678901234567890', 'json', 'VALUE_NOT_CONVERTIBLE'],
    ['text:QUI=', 'bytes', 'bytes:QUI='],
    ['text:QUJ=', 'bytes', 'VALUE_NOT_CONVERTIBLE'],
    ['int:5', 'json', 'VALUE_NOT_CONVERTIBLE'],
  ])('%s as %s is %s', (value, kind, expected) => {
    expect(outcome(value, { kind } as FieldType)).toBe(expected)
  })
})

describe('convertValue of what some systems keep beside numbers and dates', () => {
  it.each<[Value, FieldType, string]>([
    ['dec:NaN', integer, 'VALUE_NOT_CONVERTIBLE'],
    ['dec:-Infinity', integer, 'VALUE_NOT_CONVERTIBLE'],
    ['dec:Infinity', decimal(10, 2), 'VALUE_NOT_CONVERTIBLE'],
    ['dec:Infinity', decimal(null, null), 'dec:Infinity'],
    ['dec:NaN', decimal(10, 2), 'dec:NaN'],
    ['date:infinity', { kind: 'moment' }, 'VALUE_NOT_CONVERTIBLE'],
    ['date:0044-03-15 BC', { kind: 'moment' }, 'VALUE_NOT_CONVERTIBLE'],
    ['date:infinity', { kind: 'date' }, 'date:infinity'],
  ])('%s to %j gives %s', (value, target, expected) => {
    expect(outcome(value, target)).toBe(expected)
  })
})

describe('parseLiteral', () => {
  it.each<[string, FieldType, string]>([
    [' a ', textType(null), 'text: a '],
    ['eur', { kind: 'code', maxLength: 10 }, 'text:EUR'],
    [' +007 ', integer, 'int:7'],
    ['12.50', decimal(10, 2), 'dec:12.5'],
    ['.', decimal(10, 2), 'VALUE_NOT_CONVERTIBLE'],
    ['Yes', { kind: 'boolean' }, 'bool:true'],
    ['0', { kind: 'boolean' }, 'bool:false'],
    ['constructor', { kind: 'boolean' }, 'VALUE_NOT_CONVERTIBLE'],
    ['3', option, 'int:3'],
    ['systemuser', option, 'VALUE_NOT_CONVERTIBLE'],
    [' 2024-05-01 ', { kind: 'date' }, 'date:2024-05-01'],
    ['', { kind: 'date' }, 'VALUE_NOT_CONVERTIBLE'],
  ])('reads %j', (raw, type, expected) => {
    const result = parseLiteral(raw, type)
    expect(result.ok ? result.value : result.problem.code).toBe(expected)
  })
})

describe('an option as a person types it', () => {
  const labels = [
    { value: 0, name: 'Open', caption: 'Åben' },
    { value: 1, name: 'Released', caption: 'Frigivet' },
    { value: 2, name: 'Closed', caption: 'Open' },
    { value: 3, name: 'Old', caption: 'Frigivet' },
  ]
  const option = { kind: 'option', values: [0, 1, 2, 3], labels } as const

  it('is its number, its name, or a caption that only one value has; the name comes first', () => {
    const typed = (raw: string) => {
      const result = parseLiteral(raw, option)
      return result.ok ? result.value : result.problem.code
    }
    expect(['2', 'released', 'åben', 'OPEN'].map(typed)).toEqual(['int:2', 'int:1', 'int:0', 'int:0'])
    expect(['Frigivet', 'Nowhere', '1e0'].map(typed)).toEqual(Array(3).fill('VALUE_NOT_CONVERTIBLE'))
  })
})
