import { decimals, plainNumber, scaled } from '../values/decimal.ts'
import { rawOf, tagOf, type Value, type Values } from '../values/value.ts'

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
  if (tagOf(sent) === 'dec') return isRounded(plainNumber(sent), plainNumber(found))
  return isTruncatedTime(sent, found)
}

/** True when a record may hold all that was sent, as far as its values are known. */
export function holdsWhatWasSent(sent: Values, found: Values): boolean {
  return Object.entries(sent).every(
    ([field, value]) => found[field] === undefined || isPlausiblyNormalised(value, found[field]),
  )
}

function fold(value: Value): string {
  return rawOf(value).trim().toUpperCase()
}

/** Whole units of the last kept decimal: `found` differs from `sent` by less than one of them. */
function isRounded(sent: string | null, found: string | null): boolean {
  if (sent === null || found === null) return false
  const kept = decimals(found)
  const scale = Math.max(decimals(sent), kept)
  const difference = scaled(sent, scale) - scaled(found, scale)
  const unit = 10n ** BigInt(scale - kept)
  return kept < decimals(sent) && (difference < 0n ? -difference : difference) < unit
}

function isTruncatedTime(sent: Value, found: Value): boolean {
  const isTime = sent?.startsWith('instant:') || sent?.startsWith('moment:') || sent?.startsWith('time:')
  if (!isTime) return false
  const stripped = rawOf(found).replace(/\.?0+(Z?)$/, '$1')
  return rawOf(sent).startsWith(stripped.replace(/Z$/, ''))
}
