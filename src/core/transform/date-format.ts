import { monthNames } from './locale.ts'
import { StepError } from './rule.ts'

/** Parts of a date or time, as texts of digits: years 4, fraction 6, all others 2. */
export type DateParts = Readonly<Record<DatePart, string>>
export type DatePart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction'

/** A piece of a format: a fixed text, or a part of the date in one spelling. */
export interface Piece {
  readonly part: DatePart | null
  /** Regular expression of what may stand here; of fixed width unless `isOpen`. */
  readonly pattern: string
  readonly isOpen: boolean
  readonly write: (parts: DateParts) => string
  /** The part as digits, null when it is nothing of the kind. */
  readonly read: (written: string) => string | null
}

export interface DateFormat {
  readonly pieces: readonly Piece[]
  readonly kind: 'date' | 'time' | 'moment' | 'instant'
  /** Nothing that the kind needs is left out, so that a text can be read back. */
  readonly isReadable: boolean
}

const dateParts: readonly DatePart[] = ['year', 'month', 'day']

/** Reads a format like `dd.MM.yyyy`. Throws StepError. */
export function parseDateFormat(form: { format: string; locale: string; utc: boolean }): DateFormat {
  const pieces =
    form.format.match(/'[^']*'|([A-Za-z])\1*|[^A-Za-z']+|./gs)?.map((each) => pieceOf(each, form.locale)) ??
    []
  refuseRunningTogether(pieces, form.format)
  const parts = pieces.flatMap(({ part }) => part ?? [])
  if (parts.length === 0) throw new StepError(`format: ${form.format} has no part of a date or time`)
  if (new Set(parts).size < parts.length) throw new StepError(`format: ${form.format} names a part twice`)
  const kind = kindOf(parts, form.utc)
  const isReadable = needed[kind].every((part) => parts.includes(part))
  return { pieces, kind, isReadable }
}

const needed = {
  date: ['year', 'month', 'day'],
  time: ['hour', 'minute'],
  moment: ['year', 'month', 'day', 'hour', 'minute'],
  instant: ['year', 'month', 'day', 'hour', 'minute'],
} as const

function kindOf(parts: readonly DatePart[], utc: boolean): DateFormat['kind'] {
  const hasDate = parts.some((part) => dateParts.includes(part))
  const hasTime = parts.some((part) => !dateParts.includes(part))
  if (hasDate && hasTime) return utc ? 'instant' : 'moment'
  if (utc) throw new StepError('utc: only a date with a time can be in UTC')
  return hasDate ? 'date' : 'time'
}

function pieceOf(written: string, locale: string): Piece {
  if (!/^[A-Za-z]/.test(written))
    return fixed(written.length > 1 ? written.replace(/^'(.*)'$/s, '$1') : written)
  if (written === 'MMMM' || written === 'MMM')
    return named(monthNames(locale, written === 'MMMM' ? 'long' : 'short'))
  const known = digitPieces.get(written)
  if (known) return known
  throw new StepError(`format: ${written} is not known; write other texts in single quotes`)
}

function fixed(text: string): Piece {
  return { part: null, pattern: escaped(text), isOpen: false, write: () => text, read: () => null }
}

function named(names: readonly string[]): Piece {
  const longestFirst = [...names].sort((a, b) => b.length - a.length)
  return {
    part: 'month',
    pattern: longestFirst.map(escaped).join('|'),
    isOpen: false,
    write: ({ month }) => names[Number(month) - 1] ?? '',
    read: (written) => {
      const at = names.indexOf(written)
      return at < 0 ? null : String(at + 1).padStart(2, '0')
    },
  }
}

function digits(part: DatePart, width: number, full: number): Piece {
  return {
    part,
    pattern: `\\d{${width}}`,
    isOpen: false,
    write: (parts) => parts[part].slice(0, width),
    read: (written) => written.padEnd(full, '0'),
  }
}

function shortDigits(part: DatePart): Piece {
  return {
    part,
    pattern: '\\d{1,2}',
    isOpen: true,
    write: (parts) => parts[part].replace(/^0/, ''),
    read: (written) => written.padStart(2, '0'),
  }
}

const digitPieces: ReadonlyMap<string, Piece> = new Map([
  ['yyyy', digits('year', 4, 4)],
  ['MM', digits('month', 2, 2)],
  ['M', shortDigits('month')],
  ['dd', digits('day', 2, 2)],
  ['d', shortDigits('day')],
  ['HH', digits('hour', 2, 2)],
  ['H', shortDigits('hour')],
  ['mm', digits('minute', 2, 2)],
  ['ss', digits('second', 2, 2)],
  ['SSS', digits('fraction', 3, 6)],
  ['SSSSSS', digits('fraction', 6, 6)],
])

/** `dM` could be read in two ways. */
function refuseRunningTogether(pieces: readonly Piece[], format: string): void {
  const isOpen = pieces.some((piece, index) => {
    const next = pieces[index + 1]
    return piece.isOpen && next !== undefined && (next.part !== null || /^\\?\d/.test(next.pattern))
  })
  if (isOpen) throw new StepError(`format: in ${format} a short part runs into the next one`)
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
