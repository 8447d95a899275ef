import { rawOf, tagOf, type Value } from '../values/value.ts'

/**
 * True when a system may have made `found` out of `sent` by what systems commonly do to values: upper case, trimming,
 * rounding to fewer decimals, blank for null. Only asked about records in doubt, where the alternative is to take our
 * own late write for somebody's edit (architecture.md §4.2).
 */
export function isPlausiblyNormalised(sent: Value, found: Value): boolean {
  if (sent === found) return true
  if (sent === null || found === null) return rawOf(sent) === rawOf(found)
  if (tagOf(sent) !== tagOf(found)) return false
  if (tagOf(sent) === 'text') return fold(sent) === fold(found)
  if (tagOf(sent) === 'dec') return isRounded(rawOf(sent), rawOf(found))
  return isTruncatedTime(sent, found)
}

/** NaN and infinity are decimals, too, but not to be counted with. */
const plainDecimal = /^-?\d+(\.\d+)?$/

function fold(value: Value): string {
  return rawOf(value).trim().toUpperCase()
}

/** Whole units of the last kept decimal: `found` differs from `sent` by less than one of them. */
function isRounded(sent: string, found: string): boolean {
  if (!plainDecimal.test(sent) || !plainDecimal.test(found)) return false
  const kept = decimals(found)
  const scale = Math.max(decimals(sent), kept)
  const difference = scaled(sent, scale) - scaled(found, scale)
  const unit = 10n ** BigInt(scale - kept)
  return kept < decimals(sent) && (difference < 0n ? -difference : difference) < unit
}

function decimals(text: string): number {
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}

function scaled(text: string, scale: number): bigint {
  const digits = text.replace('.', '')
  return BigInt(digits) * 10n ** BigInt(scale - decimals(text))
}

function isTruncatedTime(sent: Value, found: Value): boolean {
  const stripped = rawOf(found).replace(/\.?0+(Z?)$/, '$1')
  const isTime = sent?.startsWith('instant:') || sent?.startsWith('moment:') || sent?.startsWith('time:')
  return isTime === true && rawOf(sent).startsWith(stripped.replace(/Z$/, ''))
}
