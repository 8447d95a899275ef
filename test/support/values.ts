import fc from 'fast-check'
import type { FieldType } from '../../src/core/mapping/schema.ts'
import { normaliseCode } from '../../src/core/values/code.ts'
import { canonicalJson } from '../../src/core/values/json.ts'
import { dec, int, type Value } from '../../src/core/values/value.ts'

type Present = NonNullable<Value>

const pad = (value: number, width: number) => String(value).padStart(width, '0')
const time = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.oneof(fc.constant(0), fc.nat(999_999)))
  .map(([h, m, s, f]) => `${pad(h, 2)}:${pad(m, 2)}:${pad(s, 2)}.${pad(f, 6)}`)
const anyTime = fc.oneof(fc.constant('00:00:00.000000'), time)
const date = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10))
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -12, max: 3 }))
  .map(([digits, exponent]) => dec(`${digits}e${exponent}`))
const storable = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((raw) => !raw.includes('\0'))

/** Canonical values of one type, every form the type allows. */
export const valuesOf = {
  text: storable.map((raw): Value => `text:${raw}`),
  code: storable.map((raw): Value => `text:${normaliseCode(raw)}`),
  integer: fc.oneof(fc.integer({ min: -2, max: 4 }), fc.integer()).map(int),
  decimal: fc.oneof(
    fc.integer({ min: -2, max: 4 }).map((n) => dec(String(n))),
    decimal,
  ),
  boolean: fc.constantFrom<Value>('bool:true', 'bool:false'),
  date: date.map((day): Value => `date:${day}`),
  time: anyTime.map((raw): Value => `time:${raw}`),
  instant: fc.tuple(date, anyTime).map(([day, raw]): Value => `instant:${day}T${raw}Z`),
  moment: fc.tuple(date, anyTime).map(([day, raw]): Value => `moment:${day}T${raw}`),
  uuid: fc.uuid().map((raw): Value => `uuid:${raw}`),
  json: fc.json({ maxDepth: 3 }).map((raw): Value => `json:${canonicalJson(raw) ?? 'null'}`),
  bytes: fc.uint8Array().map((raw): Value => `bytes:${Buffer.from(raw).toString('base64')}`),
  option: fc.constantFrom<Value>('int:0', 'int:1', 'int:3'),
} satisfies Record<FieldType['kind'], fc.Arbitrary<Value>>

/** One roomy type of every kind; options are 0, 1 and 3. */
export const roomyTypes: readonly FieldType[] = [
  { kind: 'text', maxLength: null },
  { kind: 'code', maxLength: null },
  { kind: 'integer', bits: 32 },
  { kind: 'decimal', precision: null, scale: null },
  { kind: 'boolean' },
  { kind: 'date' },
  { kind: 'time' },
  { kind: 'instant' },
  { kind: 'moment' },
  { kind: 'uuid' },
  { kind: 'json' },
  { kind: 'bytes' },
  { kind: 'option', values: [0, 1, 3] },
]

/** A value together with the type of the field that held it. */
export const typedValue: fc.Arbitrary<{ type: FieldType; value: Present }> = fc
  .constantFrom(...roomyTypes)
  .chain((type) => valuesOf[type.kind].map((value) => ({ type, value: value as Present })))
