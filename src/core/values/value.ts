import { withoutEnd } from '../../lib/without-end.ts'

/**
 * One value of one field in canonical form: `null`, or a text that starts with its tag, such as `text:Contoso`,
 * `dec:12.5` or `date:2024-05-01`. Two values are the same exactly when the strings are equal; there are no floats and
 * no Date objects anywhere. Blank (`text:`) and null are different values.
 *
 * int      any whole number, no leading zeros          dec     no exponent, no trailing zeros, never `-0`
 * date     YYYY-MM-DD                                  time    HH:MM:SS.ffffff
 * instant  YYYY-MM-DDTHH:MM:SS.ffffffZ (UTC)           moment  the same without zone (a "timestamp without time zone")
 * uuid     lower case                                  json    canonical: keys sorted, no white space
 * bytes    base64                                      bool    true | false
 */
export type Value = `${ValueTag}:${string}` | null

export const valueTags = [
  'text',
  'int',
  'dec',
  'bool',
  'date',
  'time',
  'instant',
  'moment',
  'uuid',
  'json',
  'bytes',
] as const
export type ValueTag = (typeof valueTags)[number]

/** Values of one record by field name. */
export type Values = Readonly<Record<string, Value>>

export function text(value: string): Value {
  return `text:${value}`
}

/** A whole number, given as text, number or bigint; throws RangeError on anything else. */
export function int(value: string | number | bigint): Value {
  const raw = String(value)
  if (plainInteger.test(raw)) return `int:${raw}`
  if (!/^[+-]?\d+$/.test(raw)) throw new RangeError(`Not a whole number: ${raw}`)
  return `int:${BigInt(raw)}`
}

const plainInteger = /^(?:0|-?[1-9]\d*)$/

/** A decimal, given as text (an exponent is accepted and expanded); throws RangeError on anything else. */
export function dec(value: string): Value {
  return `dec:${normaliseDecimal(value)}`
}

export function tagged(tag: ValueTag, raw: string): Value {
  return `${tag}:${raw}`
}

export function tagOf(value: NonNullable<Value>): ValueTag {
  return value.slice(0, value.indexOf(':')) as ValueTag
}

/** The text after the tag; the empty string for null. */
export function rawOf(value: Value): string {
  return value === null ? '' : value.slice(value.indexOf(':') + 1)
}

/** How a value is shown to people: null as `null`, text in quotes, everything else as it is. */
export function displayValue(value: Value): string {
  if (value === null) return 'null'
  return tagOf(value) === 'text' ? `'${rawOf(value)}'` : rawOf(value)
}

/** Blank in the sense of the original product: null, empty text, or the nil uuid. */
export function isBlank(value: Value): boolean {
  return value === null || value === 'text:' || value === 'uuid:00000000-0000-0000-0000-000000000000'
}

/** The number one, whatever kind of number it is. */
export function isOne(value: Value): boolean {
  return value === 'int:1' || value === 'dec:1'
}

/** What `normaliseDecimal` would give back as it is: the usual case. */
const plainDecimal = /^(?:0|-?(?:0\.\d*[1-9]|[1-9]\d*(?:\.\d*[1-9])?))$/
const decimalPattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/

/** Plain decimal notation without sign of zero, leading or trailing zeros; throws RangeError when it is no decimal. */
export function normaliseDecimal(value: string): string {
  if (plainDecimal.test(value)) return value
  const match = decimalPattern.exec(value)
  if (!match || (!match[2] && !match[3])) throw new RangeError(`Not a decimal number: ${value}`)
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const shift = Number(exponent)
  const digits = whole + fraction
  const point = whole.length + shift
  const integerPart = point <= 0 ? '' : digits.slice(0, point).padEnd(point, '0')
  const fractionPart = point <= 0 ? '0'.repeat(-point) + digits : digits.slice(point)
  const integer = integerPart.replace(/^0+/, '') || '0'
  const decimals = withoutEnd(fractionPart, '0')
  const plain = decimals ? `${integer}.${decimals}` : integer
  return sign === '-' && plain !== '0' ? `-${plain}` : plain
}
