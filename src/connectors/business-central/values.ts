import type { FieldType } from '../../core/mapping/schema.ts'
import { normaliseDecimal, rawOf, type Value } from '../../core/values/value.ts'
import { type Json, jsonNumber, numberText } from '../odata/json.ts'

/** Members of an option by the name they have on the wire, with their number. */
export type Members = ReadonlyMap<string, string>

const nilId = '00000000-0000-0000-0000-000000000000'
const nilDate = '0001-01-01'

/** What the system keeps in place of null (connectors.md B.11); absent: a field of that kind is never empty. */
export const blanks: Readonly<Partial<Record<FieldType['kind'], string>>> = {
  text: '',
  code: '',
  uuid: nilId,
  date: nilDate,
  instant: `${nilDate}T00:00:00Z`,
}

/**
 * The canonical value of a property; undefined where the JSON is none of this type. Blank is null. Decimals keep every
 * digit, times their fraction up to microseconds.
 */
export function readValue(
  json: Json | undefined,
  type: FieldType,
  members: Members | null,
): Value | undefined {
  if (json === null) return null
  switch (type.kind) {
    case 'decimal':
    case 'integer':
      return readNumber(json, type.kind)
    case 'boolean':
      return typeof json === 'boolean' ? `bool:${json}` : undefined
    default:
      if (typeof json !== 'string') return undefined
      if (type.kind === 'option') return readMember(json, members)
      return json === blanks[type.kind] ? null : readText(json, type.kind)
  }
}

function readNumber(json: Json | undefined, kind: 'decimal' | 'integer'): Value | undefined {
  const digits = numberText(json)
  if (digits === null) return undefined
  const plain = normaliseDecimal(digits)
  if (kind === 'decimal') return `dec:${plain}`
  return plain.includes('.') ? undefined : `int:${plain}`
}

function readMember(json: string, members: Members | null): Value | undefined {
  const number = members?.get(json)
  return number === undefined ? undefined : `int:${number}`
}

function readText(json: string, kind: FieldType['kind']): Value | undefined {
  switch (kind) {
    case 'uuid':
      return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(json)
        ? `uuid:${json.toLowerCase()}`
        : undefined
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(json) ? `date:${json}` : undefined
    case 'time':
      return readTime(json)
    case 'instant':
      return readInstant(json)
    default:
      return `text:${json}`
  }
}

function readTime(json: string): Value | undefined {
  const [, time = '', fraction = ''] = /^(\d{2}:\d{2}:\d{2})(?:\.(\d{1,6})0*)?$/.exec(json) ?? []
  return time ? `time:${time}.${fraction.padEnd(6, '0')}` : undefined
}

const instantPattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,6})0*)?(Z|[+-]\d{2}:\d{2})$/

function readInstant(json: string): Value | null | undefined {
  const match = instantPattern.exec(json)
  if (!match) return undefined
  const [, local = '', fraction = '', zone = ''] = match
  const seconds = zone === 'Z' ? local : inUtc(`${local}${zone}`)
  if (seconds === null) return undefined
  const digits = fraction.padEnd(6, '0')
  return seconds === `${nilDate}T00:00:00` && digits === '000000' ? null : `instant:${seconds}.${digits}Z`
}

function inUtc(text: string): string | null {
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? null : new Date(ms).toISOString().slice(0, 19)
}

/** The JSON of a value that fits the type; null becomes blank. Throws RangeError for what the type cannot hold. */
export function writeValue(value: Value, type: FieldType, members: Members | null): Json {
  if (value === null) return writeNull(type)
  const raw = rawOf(value)
  switch (type.kind) {
    case 'decimal':
    case 'integer':
      return jsonNumber(raw)
    case 'boolean':
      return raw === 'true'
    case 'option':
      return memberOf(raw, members)
    case 'time':
      return raw.replace(/\.?0+$/, '')
    case 'instant':
      return `${raw.slice(0, -1).replace(/\.?0+$/, '')}Z`
    default:
      return raw
  }
}

function writeNull(type: FieldType): Json {
  const blank = blanks[type.kind]
  if (blank === undefined) throw new RangeError(`A ${type.kind} is never empty`)
  return blank
}

function memberOf(number: string, members: Members | null): string {
  for (const [name, value] of members ?? []) if (value === number) return name
  throw new RangeError(`${number} is no member of the option`)
}
