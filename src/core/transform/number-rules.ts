import { type Conversion, converted, notConvertible } from '../values/conversion.ts'
import { dec, isBlank, rawOf, text, type Value } from '../values/value.ts'
import { type NumberSigns, numberSigns } from './locale.ts'
import type { Rule, Step } from './rule.ts'

interface NumberForm {
  readonly locale: string
  readonly decimals?: number | undefined
  readonly grouping: boolean
}

/** Number → text as the locale writes it; leads back. A number with more decimals than it says is refused. */
export function formatNumberRule(form: NumberForm): Rule {
  const signs = numberSigns(form.locale)
  return { forward: formatter(form, signs), back: parser(form, signs) }
}

/** Text as the locale writes numbers → decimal; leads back to the spelling of the settings. */
export function parseNumberRule(form: NumberForm): Rule {
  const signs = numberSigns(form.locale)
  return { forward: parser(form, signs), back: formatter(form, signs) }
}

/** Decimals cut off exactly, half away from zero. No way back. */
export function roundRule({ decimals }: { decimals: number }): Rule {
  return {
    back: null,
    forward: (value) => {
      const number = plainNumber(value)
      return number === null
        ? notConvertible(value, 'is not a number')
        : converted(dec(rounded(number, decimals)))
    },
  }
}

const plain = /^-?\d+(\.\d+)?$/

/** Digits of a number or of a text that is one; null for everything else, NaN and infinity among it. */
export function plainNumber(value: NonNullable<Value>): string | null {
  const raw = rawOf(value)
  const isNumber = value.startsWith('int:') || value.startsWith('dec:') || value.startsWith('text:')
  return isNumber && !isBlank(value) && plain.test(raw) ? raw : null
}

function formatter({ decimals, grouping }: NumberForm, signs: NumberSigns): Step {
  return (value) => {
    const number = plainNumber(value)
    if (number === null) return notConvertible(value, 'is not a number')
    const canonical = rawOf(dec(number))
    const [whole = '', fraction = ''] = canonical.replace('-', '').split('.')
    if (decimals !== undefined && fraction.length > decimals)
      return notConvertible(value, `has more than ${decimals} decimals`)
    const digits = fraction.padEnd(decimals ?? 0, '0')
    const shown = (grouping ? grouped(whole, signs) : whole) + (digits && signs.point + digits)
    return converted(text(canonical.startsWith('-') ? `-${shown}` : shown))
  }
}

function grouped(whole: string, { group, lastGroup, otherGroups }: NumberSigns): string {
  const parts: string[] = []
  let end = whole.length
  for (let size = lastGroup; end > 0; size = otherGroups) {
    parts.unshift(whole.slice(Math.max(end - size, 0), end))
    end -= size
  }
  return parts.join(group)
}

function parser({ decimals }: NumberForm, signs: NumberSigns): Step {
  return (value) => {
    const raw = evenBlanks(rawOf(value)).replace(/^[\u2212-]/, '-')
    const isNegative = raw.startsWith('-')
    const [whole = '', fraction, ...more] = (isNegative ? raw.slice(1) : raw).split(signs.point)
    const digits = ungrouped(whole, signs)
    if (digits === null || more.length > 0 || (fraction !== undefined && !/^\d+$/.test(fraction)))
      return notConvertible(value, `is not a number like ${example(signs)}`)
    return within(value, dec(`${isNegative ? '-' : ''}${digits}.${fraction ?? ''}`), decimals)
  }
}

/** What would not be written back is not read either. */
function within(value: Value, number: Value, decimals: number | undefined): Conversion {
  const [, fraction = ''] = rawOf(number).split('.')
  if (decimals === undefined || fraction.length <= decimals) return converted(number)
  return notConvertible(value, `has more than ${decimals} decimals`)
}

/** Null unless the digits stand alone, or in exactly the groups of the locale: 1,23 is no English number. */
function ungrouped(whole: string, signs: NumberSigns): string | null {
  if (/^\d+$/.test(whole)) return whole
  const digits = whole.split(evenBlanks(signs.group)).join('')
  const isGrouped = /^\d+$/.test(digits) && evenBlanks(grouped(digits, signs)) === whole
  return isGrouped ? digits : null
}

/** Locales group by several kinds of blanks, people by the plain one. */
function evenBlanks(raw: string): string {
  return raw.replace(/[\u00a0\u202f\u2009]/g, ' ')
}

function example(signs: NumberSigns): string {
  return `${grouped('1234', signs)}${signs.point}5`
}

function rounded(number: string, decimals: number): string {
  const isNegative = number.startsWith('-')
  const [whole = '', fraction = ''] = number.replace('-', '').split('.')
  if (fraction.length <= decimals) return number
  const kept = BigInt(whole + fraction.slice(0, decimals))
  const up = (fraction[decimals] ?? '0') >= '5' ? 1n : 0n
  const digits = String(kept + up).padStart(decimals + 1, '0')
  const point = digits.length - decimals
  return `${isNegative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`
}
