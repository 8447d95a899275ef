import { withoutEnd } from '../../lib/without-end.ts'
import type { FieldType } from '../mapping/schema.ts'
import { type Conversion, converted, notConvertible } from './conversion.ts'
import { dec, rawOf, tagged, type Value } from './value.ts'

type Kind<K extends FieldType['kind']> = Extract<FieldType, { kind: K }>

const highest = { 16: '32767', 32: '2147483647', 64: '9223372036854775807' } as const
const lowest = { 16: '32768', 32: '2147483648', 64: '9223372036854775808' } as const

const tagLength = 'int:'.length

/** The usual case, decided by the length alone: false says nothing. */
export function isPlainInteger(value: NonNullable<Value>, { bits }: Kind<'integer'>): boolean {
  return value.startsWith('int:') && value.length - tagLength < highest[bits].length
}

/** Whole numbers within the range of the type; a decimal only when it has no decimals. */
export function toInteger(value: NonNullable<Value>, target: Kind<'integer'>): Conversion {
  const number = toNumber(value)
  if (number === null || number.includes('.') || !hasDigits(number))
    return notConvertible(value, 'is not a whole number')
  if (!fitsBits(number, target.bits)) {
    return notConvertible(value, `is outside the range of a ${target.bits}-bit whole number`)
  }
  return converted(value.startsWith('int:') ? value : tagged('int', number))
}

export function toOption(value: NonNullable<Value>, target: Kind<'option'>): Conversion {
  const number = toNumber(value)
  if (number === null || !target.values.some((allowed) => String(allowed) === number)) {
    return notConvertible(value, `is not one of the values ${target.values.join(', ')}`)
  }
  return converted(tagged('int', number))
}

/** The usual case, decided by the length alone: false says nothing. */
export function isPlainDecimal(value: NonNullable<Value>, target: Kind<'decimal'>): boolean {
  return value.startsWith('dec:') && endsWithDigit(value) && hasObviousRoom(value, tagLength, target)
}

/** Unlike `NaN` and `Infinity`. */
function endsWithDigit(value: string): boolean {
  const last = value.charCodeAt(value.length - 1)
  return last >= 0x30 && last <= 0x39
}

/** Decimals that have room before and after the point; more digits are refused, never rounded. */
export function toDecimal(value: NonNullable<Value>, target: Kind<'decimal'>): Conversion {
  const number = toNumber(value)
  if (number === null) return notConvertible(value, 'is not a number')
  if (number.endsWith('Infinity') && target.precision !== null)
    return notConvertible(value, 'is no finite number')
  const reason = hasDigits(number) ? misfit(number, target) : null
  if (reason) return notConvertible(value, reason)
  return converted(value.startsWith('dec:') ? value : tagged('dec', number))
}

/**
 * The canonical digits of a value that is a number, or null. A text counts only when nothing is lost by reading it as
 * a number: leading zeros (a post code), plus signs, exponents and blanks carry meaning; trailing decimal zeros do not.
 */
function toNumber(value: NonNullable<Value>): string | null {
  if (value.startsWith('int:') || value.startsWith('dec:')) return value.slice(tagLength)
  const raw = rawOf(value)
  if (value.startsWith('bool:')) return raw === 'true' ? '1' : '0'
  const isNumber = value.startsWith('text:') && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(raw) && raw !== '-0'
  return isNumber ? rawOf(dec(raw)) : null
}

/** False for `NaN` and `Infinity`, which some systems keep in fields for decimals. */
function hasDigits(number: string): boolean {
  return number !== 'NaN' && !number.endsWith('Infinity')
}

/** Numbers with the same number of digits compare like text. */
function fitsBits(number: string, bits: 16 | 32 | 64): boolean {
  const isNegative = number.startsWith('-')
  const limit = isNegative ? lowest[bits] : highest[bits]
  const digits = isNegative ? number.length - 1 : number.length
  return digits < limit.length || (digits === limit.length && number.slice(number.length - digits) <= limit)
}

/** Why a canonical decimal does not fit, or null. */
function misfit(number: string, { precision, scale }: Kind<'decimal'>): string | null {
  if (number === '0' || hasObviousRoom(number, 0, { precision, scale })) return null
  const { first, last } = digitPositions(number)
  if (scale !== null && last < -scale) return `has more than ${scale} decimals`
  if (precision === null) return null
  const hasRoom =
    scale === null ? Math.max(first, 0) - Math.min(last, 0) < precision : first < precision - scale
  if (hasRoom) return null
  return `has more than ${precision} digits${scale === null ? '' : `, ${scale} of them decimals`}`
}

/** The number in `text` from `start` on, by lengths alone; a sign counts as a digit, which errs on the safe side. */
function hasObviousRoom(
  text: string,
  start: number,
  { precision, scale }: Pick<Kind<'decimal'>, 'precision' | 'scale'>,
): boolean {
  const length = text.length - start
  if (scale === null) return precision === null || length <= precision
  const point = text.indexOf('.', start)
  const decimals = point < 0 ? 0 : text.length - point - 1
  const whole = length - decimals - (point < 0 ? 0 : 1)
  return scale >= 0 && decimals <= scale && (precision === null || whole <= precision - scale)
}

/** Powers of ten of the first and the last digit that is not zero: 12.5 → 1 and -1, 0.05 → -2 and -2. */
function digitPositions(number: string): { first: number; last: number } {
  const digits = number.startsWith('-') ? number.slice(1) : number
  const point = digits.indexOf('.')
  const whole = point < 0 ? digits : digits.slice(0, point)
  const decimals = point < 0 ? '' : digits.slice(point + 1)
  const first = whole !== '0' ? whole.length - 1 : -1 - decimals.search(/[1-9]/)
  const last = decimals ? -decimals.length : whole.length - withoutEnd(whole, '0').length
  return { first, last }
}
