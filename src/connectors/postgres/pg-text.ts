import type { FieldType } from '../../core/mapping/schema.ts'
import { normaliseDecimal, rawOf, type Value, type ValueTag } from '../../core/values/value.ts'
import { withoutEnd } from '../../lib/without-end.ts'
import { canonicalJson } from './canonical-json.ts'

type Present = NonNullable<Value>

/**
 * Between the text form of a Postgres type and the canonical value, in both directions without loss. Needs the session
 * settings of `session.ts` (UTC, ISO dates, hex bytes). `infinity`, `NaN` and years before Christ, which have no
 * canonical form of their own, keep the text the server gives them.
 */
export interface Codec {
  readonly tag: ValueTag
  readonly decode: (raw: string) => Present
  readonly encode: (value: Present) => string
}

const plain = (tag: ValueTag, read: (raw: string) => string = (raw) => raw): Codec => ({
  tag,
  decode: (raw) => `${tag}:${read(raw)}`,
  encode: rawOf,
})

/** The codec of a field type. */
export const codecs: Readonly<Record<FieldType['kind'], Codec>> = {
  text: plain('text'),
  code: plain('text'),
  integer: plain('int'),
  option: plain('int'),
  decimal: plain('dec', decodeDecimal),
  boolean: plain('bool', (raw) => (raw === 't' ? 'true' : 'false')),
  date: plain('date'),
  time: plain('time', padFraction),
  instant: { ...plain('instant', (raw) => decodeTimestamp(raw, 'Z')), encode: encodeTimestamp },
  moment: { ...plain('moment', (raw) => decodeTimestamp(raw, '')), encode: encodeTimestamp },
  uuid: plain('uuid'),
  json: plain('json', canonicalJson),
  bytes: {
    ...plain('bytes', (raw) => Buffer.from(raw.slice(2), 'hex').toString('base64')),
    encode: (value) => `\\x${Buffer.from(rawOf(value), 'base64').toString('hex')}`,
  },
}

/** char(n): the blanks at the end are padding, not part of the value. */
export const paddedTextCodec: Codec = plain('text', (raw) => withoutEnd(raw, ' '))

function decodeDecimal(raw: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(raw)) return /\d/.test(raw) ? normaliseDecimal(raw) : raw
  const plain = raw.includes('.') ? withoutEnd(withoutEnd(raw, '0'), '.') : raw
  return plain === '-0' ? '0' : plain
}

function padFraction(time: string): string {
  const point = time.indexOf('.')
  return point < 0 ? `${time}.000000` : time.padEnd(point + 7, '0')
}

/** `2024-05-01 10:00:00.5+00`; only longer years and years before Christ need a closer look. */
function decodeTimestamp(raw: string, zone: 'Z' | ''): string {
  if (raw.charAt(10) === ' ' && !raw.endsWith('C')) {
    const end = zone === 'Z' ? raw.length - '+00'.length : raw.length
    return `${raw.slice(0, 10)}T${padFraction(raw.slice(11, end))}${zone}`
  }
  const match = /^(\d+-\d\d-\d\d) ([\d:.]+)(?:\+00)?( BC)?$/.exec(raw)
  return match ? `${match[1]}T${padFraction(match[2] ?? '')}${zone}${match[3] ?? ''}` : raw
}

function encodeTimestamp(value: Present): string {
  return rawOf(value).replace('T', ' ')
}
