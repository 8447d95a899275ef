import { dec, rawOf, type Value } from './value.ts'

/** NaN and infinity are decimals, too, but not to be counted with. */
const plainDecimal = /^-?\d+(\.\d+)?$/

/** The digits of a value that can be counted with, or null: whole numbers and finite decimals. */
export function plainNumber(value: Value | undefined): string | null {
  if (value === null || value === undefined) return null
  if (!value.startsWith('int:') && !value.startsWith('dec:')) return null
  const raw = rawOf(value)
  return plainDecimal.test(raw) ? raw : null
}

/** Exact sum of two plain numbers, in canonical form. */
export function addNumbers(a: string, b: string): string {
  const scale = Math.max(decimals(a), decimals(b))
  return fromScaled(scaled(a, scale) + scaled(b, scale), scale)
}

/** Exact difference `a - b` of two plain numbers, in canonical form. */
export function subtractNumbers(a: string, b: string): string {
  const scale = Math.max(decimals(a), decimals(b))
  return fromScaled(scaled(a, scale) - scaled(b, scale), scale)
}

/** Number of digits behind the point. */
export function decimals(number: string): number {
  const point = number.indexOf('.')
  return point < 0 ? 0 : number.length - point - 1
}

/** The number times 10^scale, which must not be smaller than its decimals. */
export function scaled(number: string, scale: number): bigint {
  return BigInt(number.replace('.', '')) * 10n ** BigInt(scale - decimals(number))
}

function fromScaled(units: bigint, scale: number): string {
  const sign = units < 0n ? '-' : ''
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return rawOf(dec(`${sign}${whole}.${digits.slice(digits.length - scale)}`))
}
