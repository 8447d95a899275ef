import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../src/connectors/postgres/canonical-json.ts'
import { possibleTables } from '../../../src/connectors/postgres/identifiers.ts'
import { codecs, paddedTextCodec } from '../../../src/connectors/postgres/pg-text.ts'
import { compareTimes, earlierTime } from '../../../src/connectors/postgres/watermark.ts'
import type { FieldType } from '../../../src/core/mapping/schema.ts'
import { normaliseDecimal } from '../../../src/core/values/value.ts'

describe('canonical JSON', () => {
  test.each([
    [' { "b" : 1 , "a" : [ true , null , "x" ] } ', '{"a":[true,null,"x"],"b":1}'],
    ['{"b":1,"a":2,"b":3}', '{"a":2,"b":3}'],
    ['{"10":1,"9":2}', '{"10":1,"9":2}'],
    ['12345678901234567890.10', '12345678901234567890.1'],
    ['[1e2, 1E-2, -0, 0.10, 1.5e+3]', '[100,0.01,0,0.1,1500]'],
    ['1e99999', '1e99999'],
    ['"\\u00e9\\/\\n\\ud83d\\ude00"', '"é/\\n😀"'],
    ['{"\\u0061":1}', '{"a":1}'],
    ['[]', '[]'],
    ['{}', '{}'],
    ['[{},[],[[1]]]', '[{},[],[[1]]]'],
    ['"a\\"b\\\\"', '"a\\"b\\\\"'],
  ])('%s is written %s', (text, canonical) => {
    expect(canonicalJson(text)).toBe(canonical)
    expect(canonicalJson(canonical)).toBe(canonical)
  })
})

describe('texts of the server', () => {
  const decoded: readonly (readonly [FieldType['kind'], string, string])[] = [
    ['decimal', '12.500', 'dec:12.5'],
    ['decimal', '100', 'dec:100'],
    ['decimal', '0.00', 'dec:0'],
    ['decimal', '100.00', 'dec:100'],
    ['decimal', '-0.10', 'dec:-0.1'],
    ['decimal', '-0', 'dec:0'],
    ['decimal', '1.5e-07', 'dec:0.00000015'],
    ['decimal', 'NaN', 'dec:NaN'],
    ['boolean', 't', 'bool:true'],
    ['boolean', 'f', 'bool:false'],
    ['time', '10:00:00', 'time:10:00:00.000000'],
    ['time', '10:00:00.12', 'time:10:00:00.120000'],
    ['instant', '2024-05-01 10:00:00+00', 'instant:2024-05-01T10:00:00.000000Z'],
    ['instant', '2024-05-01 10:00:00.123456+00', 'instant:2024-05-01T10:00:00.123456Z'],
    ['instant', 'infinity', 'instant:infinity'],
    ['instant', '0044-03-15 00:00:00+00 BC', 'instant:0044-03-15T00:00:00.000000Z BC'],
    ['moment', '2024-05-01 10:00:00.1', 'moment:2024-05-01T10:00:00.100000'],
    ['bytes', '\\x00ff', 'bytes:AP8='],
    ['json', '{"b":1, "a":2.0}', 'json:{"a":2,"b":1}'],
  ]
  test.each(decoded)('%s %s becomes %s', (kind, raw, value) => {
    expect(codecs[kind].decode(raw)).toBe(value)
  })

  test('the padding of char(n) is no part of the value, blanks before it are', () => {
    expect(paddedTextCodec.decode('  a b   ')).toBe('text:  a b')
    expect(paddedTextCodec.decode('   ')).toBe('text:')
  })

  // Looking for the end of a run from each of its characters would take minutes.
  test('may have hundreds of thousands of blanks or zeros in their middle', () => {
    const padded = `a${' '.repeat(262_144)}b`
    expect(paddedTextCodec.decode(`${padded} `)).toBe(`text:${padded}`)
    const small = `0.${'0'.repeat(262_144)}1`
    expect(codecs.decimal.decode(`${small}0`)).toBe(`dec:${small}`)
    expect(normaliseDecimal(`${small}0`)).toBe(small)
  })
})

describe('times of change', () => {
  test('are ordered like the times they stand for', () => {
    const ascending = [
      '-infinity',
      '0044-03-15T00:00:00.000000Z BC',
      '0043-03-15T00:00:00.000000Z BC',
      '0043-04-15T00:00:00.000000Z BC',
      '0001-01-01T00:00:00.000000Z',
      '2024-05-01T10:00:00.000000Z',
      '2024-05-01T10:00:00.000001Z',
      '9999-12-31T00:00:00.000000Z',
      '10000-01-01T00:00:00.000000Z',
      'infinity',
    ]
    expect([...ascending].reverse().sort(compareTimes)).toEqual(ascending)
    expect(compareTimes('infinity', 'infinity')).toBe(0)
    expect(earlierTime('infinity', '2024-05-01')).toBe('2024-05-01')
  })
})

describe('table names', () => {
  test.each([
    ['customer', [['public', 'customer']]],
    [
      'crm.account',
      [
        ['public', 'crm.account'],
        ['crm', 'account'],
      ],
    ],
    [
      '"crm"."my.account"',
      [
        ['public', '"crm"."my.account"'],
        ['crm', 'my.account'],
      ],
    ],
    [
      '"Customer"',
      [
        ['public', '"Customer"'],
        ['public', 'Customer'],
      ],
    ],
    [
      'a.b.c',
      [
        ['public', 'a.b.c'],
        ['a', 'b.c'],
      ],
    ],
    [
      '"say ""hi"""',
      [
        ['public', '"say ""hi"""'],
        ['public', 'say "hi"'],
      ],
    ],
    ['', [['public', '']]],
  ])('%s may mean %j', (address, expected) => {
    const found = possibleTables(address, 'public').map(({ schema, table }) => [schema, table])
    expect(found).toEqual(expected)
  })
})
