import { describe, expect, it } from 'vitest'
import { readValue, writeValue } from '../../../../src/connectors/business-central/values.ts'
import { ExactNumber, type Json } from '../../../../src/connectors/odata/json.ts'
import type { FieldType } from '../../../../src/core/mapping/schema.ts'
import type { Value } from '../../../../src/core/values/value.ts'

const members = new Map([
  ['_x0020_', '0'],
  ['Ship', '1'],
  ['Not_x0020_Started', '2'],
])
const kinds = {
  text: { kind: 'text', maxLength: 30 },
  code: { kind: 'code', maxLength: 10 },
  decimal: { kind: 'decimal', precision: null, scale: null },
  integer: { kind: 'integer', bits: 64 },
  boolean: { kind: 'boolean' },
  date: { kind: 'date' },
  time: { kind: 'time' },
  instant: { kind: 'instant' },
  uuid: { kind: 'uuid' },
  option: { kind: 'option', values: [0, 1, 2] },
} as const satisfies Partial<Record<FieldType['kind'], FieldType>>
type Kind = keyof typeof kinds

describe('values of Business Central', () => {
  it.each<[Kind, Json, Value]>([
    ['text', 'Møbler', 'text:Møbler'],
    ['text', ' ', 'text: '],
    ['code', '10000', 'text:10000'],
    ['decimal', 0, 'dec:0'],
    ['decimal', 12.5, 'dec:12.5'],
    ['decimal', new ExactNumber('12345678901234567890.123'), 'dec:12345678901234567890.123'],
    ['integer', new ExactNumber('9007199254740993'), 'int:9007199254740993'],
    ['boolean', false, 'bool:false'],
    ['date', '2024-02-29', 'date:2024-02-29'],
    ['time', '12:30:00.5', 'time:12:30:00.500000'],
    ['instant', '2024-05-01T08:00:00.123Z', 'instant:2024-05-01T08:00:00.123000Z'],
    ['uuid', 'c0a00000-0000-4000-8000-00000000000a', 'uuid:c0a00000-0000-4000-8000-00000000000a'],
    ['option', '_x0020_', 'int:0'],
    ['option', 'Not_x0020_Started', 'int:2'],
  ])('%s: %o is read and written', (kind, json, value) => {
    expect(readValue(json, kinds[kind], members)).toBe(value)
    expect(writeValue(value, kinds[kind], members)).toEqual(json)
  })

  it.each<[Kind, string]>([
    ['text', ''],
    ['code', ''],
    ['uuid', '00000000-0000-0000-0000-000000000000'],
    ['date', '0001-01-01'],
    ['instant', '0001-01-01T00:00:00Z'],
  ])('%s: blank stands for null, both ways', (kind, blank) => {
    expect(readValue(blank, kinds[kind], null)).toBeNull()
    expect(writeValue(null, kinds[kind], null)).toBe(blank)
  })

  it('a time with an offset is the same instant in UTC', () => {
    expect(readValue('2024-05-01T10:00:00.5+02:00', kinds.instant, null)).toBe(
      'instant:2024-05-01T08:00:00.500000Z',
    )
  })

  it.each<[Kind, Json | undefined]>([
    ['text', 1],
    ['decimal', '1'],
    ['integer', 1.5],
    ['boolean', 'true'],
    ['date', '01.05.2024'],
    ['instant', '2024-05-01T08:00:00'],
    ['uuid', 'c0a0'],
    ['option', 'Gone'],
    ['text', undefined],
  ])('%s: %o is not guessed at', (kind, json) => {
    expect(readValue(json, kinds[kind], members)).toBeUndefined()
  })

  it.each<[Kind, Value]>([
    ['decimal', null],
    ['boolean', null],
    ['option', 'int:7'],
  ])('%s: %s cannot be written', (kind, value) => {
    expect(() => writeValue(value, kinds[kind], members)).toThrow(RangeError)
  })
})
