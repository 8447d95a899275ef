import { rawOf, tagOf, type Value } from './value.ts'

/**
 * Order of two values of one type: negative, zero or positive. Numbers compare exactly whatever their size, whole
 * numbers also with decimals; text by code point; dates, times and everything else by their canonical form.
 */
export function compareValues(a: NonNullable<Value>, b: NonNullable<Value>): number {
  if (a === b) return 0
  return isNumber(a) && isNumber(b) ? compareNumbers(rawOf(a), rawOf(b)) : compareText(rawOf(a), rawOf(b))
}

function isNumber(value: NonNullable<Value>): boolean {
  const tag = tagOf(value)
  return tag === 'int' || tag === 'dec'
}

/** Both in canonical form: more digits before the point is more; with as many digits they compare like text. */
function compareNumbers(a: string, b: string): number {
  const isNegative = a.startsWith('-')
  if (isNegative !== b.startsWith('-')) return isNegative ? -1 : 1
  if (isNegative) return compareNumbers(b.slice(1), a.slice(1))
  const difference = wholeDigits(a) - wholeDigits(b)
  return difference || compareText(a, b)
}

function wholeDigits(number: string): number {
  const point = number.indexOf('.')
  return point < 0 ? number.length : point
}

/** UTF-16 puts the characters above U+FFFF before U+E000; `rank` puts them behind again. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const difference = a.charCodeAt(index) - b.charCodeAt(index)
    if (difference !== 0) return rank(a.charCodeAt(index)) - rank(b.charCodeAt(index))
  }
  return a.length - b.length
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
