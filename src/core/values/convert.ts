import type { FieldType, OptionLabel } from '../mapping/schema.ts'
import { type Conversion, converted, notConvertible } from './conversion.ts'
import { isPlainDecimal, isPlainInteger, toDecimal, toInteger, toOption } from './convert-number.ts'
import { isPlainText, toText } from './convert-text.ts'
import { toDate, toInstant, toMoment, toTime } from './convert-time.ts'
import { canonicalJson } from './json.ts'
import { normaliseDecimal, rawOf, tagged, text, type Value } from './value.ts'

/**
 * The value in the form of the target type, exactly: what would have to be cut, rounded or guessed is a problem. A
 * code is upper-cased and trimmed; that is its form, not a loss. Null stays null; a blank text is no number or date.
 */
export function convertValue(value: Value, target: FieldType): Conversion {
  if (value === null || isPlainly(value, target)) return converted(value)
  switch (target.kind) {
    case 'text':
    case 'code':
      return toText(value, target)
    case 'integer':
      return toInteger(value, target)
    case 'decimal':
      return toDecimal(value, target)
    case 'option':
      return toOption(value, target)
    case 'boolean':
      return toBoolean(value)
    case 'date':
      return toDate(value)
    case 'time':
      return toTime(value)
    case 'moment':
      return toMoment(value)
    case 'instant':
      return toInstant(value)
    case 'uuid':
      return toUuid(value)
    case 'json':
      return toJson(value)
    case 'bytes':
      return toBytes(value)
  }
}

/**
 * True when it is plain to see that the value has the form of the type, so that nothing is to be converted: the usual case,
 * for which nothing is allocated. False says nothing.
 */
export function isPlainly(value: NonNullable<Value>, target: FieldType): boolean {
  switch (target.kind) {
    case 'text':
    case 'code':
      return isPlainText(value, target)
    case 'integer':
      return isPlainInteger(value, target)
    case 'decimal':
      return isPlainDecimal(value, target)
    case 'option':
      return false
    default:
      return value.startsWith(tagPrefix[target.kind])
  }
}

const tagPrefix = {
  boolean: 'bool:',
  date: 'date:',
  time: 'time:',
  moment: 'moment:',
  instant: 'instant:',
  uuid: 'uuid:',
  json: 'json:',
  bytes: 'bytes:',
} as const

const booleanSpellings: ReadonlyMap<string, Conversion> = new Map([
  ['true', converted('bool:true')],
  ['1', converted('bool:true')],
  ['false', converted('bool:false')],
  ['0', converted('bool:false')],
])

/** The texts true and false in any case, the numbers 1 and 0. */
function toBoolean(value: NonNullable<Value>): Conversion {
  const raw = rawOf(value).toLowerCase()
  const isText = value.startsWith('text:')
  const isNumber = value.startsWith('int:') || value.startsWith('dec:')
  const known = isNumber || (isText && raw.length > 1) ? booleanSpellings.get(raw) : undefined
  return known ?? notConvertible(value, 'is neither true nor false')
}

const uuidText = /^text:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function toUuid(value: NonNullable<Value>): Conversion {
  if (!uuidText.test(value)) return notConvertible(value, 'is not a uuid')
  return converted(tagged('uuid', rawOf(value).toLowerCase()))
}

/** Only text that is canonical already: other spellings may hold more digits than are kept. */
function toJson(value: NonNullable<Value>): Conversion {
  const raw = rawOf(value)
  const isCanonical = value.startsWith('text:') && canonicalJson(raw) === raw
  return isCanonical ? converted(tagged('json', raw)) : notConvertible(value, 'is not canonical JSON')
}

const base64Text =
  /^text:(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/

function toBytes(value: NonNullable<Value>): Conversion {
  return base64Text.test(value)
    ? converted(tagged('bytes', rawOf(value)))
    : notConvertible(value, 'is not base64')
}

/**
 * A constant or a key as a person types it. As `convertValue`, but outer blanks do not matter except in texts, numbers
 * may have leading zeros or a sign, booleans may be written as yes and no, 1 and 0, and options by name or caption.
 */
export function parseLiteral(raw: string, type: FieldType): Conversion {
  if (type.kind === 'text' || type.kind === 'code') return convertValue(text(raw), type)
  const typed = type.kind === 'option' ? optionNumber(raw.trim(), type.labels) : raw.trim()
  if (type.kind === 'boolean')
    return convertValue(text(typedBooleans.get(typed.toLowerCase()) ?? typed), type)
  const isNumber = type.kind === 'integer' || type.kind === 'decimal' || type.kind === 'option'
  return convertValue(isNumber && /^[+-]?[\d.]+$/.test(typed) ? typedNumber(typed) : text(typed), type)
}

const typedBooleans: ReadonlyMap<string, string> = new Map([
  ['yes', 'true'],
  ['1', 'true'],
  ['true', 'true'],
  ['no', 'false'],
  ['0', 'false'],
  ['false', 'false'],
])

/** The number an option is known by; the text itself when it is none of the labels, or more than one. */
function optionNumber(typed: string, labels: readonly OptionLabel[] = []): string {
  const wanted = typed.toLowerCase()
  const named = labels.filter(({ name }) => name.toLowerCase() === wanted)
  const found = named.length > 0 ? named : labels.filter(({ caption }) => caption.toLowerCase() === wanted)
  const [only, ...more] = new Set(found.map(({ value }) => value))
  return only === undefined || more.length > 0 ? typed : String(only)
}

function typedNumber(typed: string): Value {
  try {
    return tagged('dec', normaliseDecimal(typed))
  } catch {
    return text(typed)
  }
}
