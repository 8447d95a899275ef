import { type Conversion, converted, notConvertible } from '../values/conversion.ts'
import { convertValue } from '../values/convert.ts'
import { rawOf, text, type Value } from '../values/value.ts'
import { type DateFormat, type DatePart, type DateParts, parseDateFormat } from './date-format.ts'
import { type Rule, type Step, StepError } from './rule.ts'

interface DateForm {
  readonly format: string
  readonly locale: string
  readonly utc: boolean
}

/**
 * Date or time → text. `isExact`: what the format does not show (seconds, say) must be zero, because the text is read
 * back. Throws StepError.
 */
export function formatDateRule(form: DateForm, isExact: boolean): Rule {
  const format = parseDateFormat(form)
  return {
    forward: formatter(format, isExact),
    back: format.isReadable ? reader(format, form.format) : null,
  }
}

/** Text in exactly this format → date or time; the way back writes it like this. Throws StepError. */
export function parseDateRule(form: DateForm, isExact: boolean): Rule {
  const format = parseDateFormat(form)
  if (!format.isReadable)
    throw new StepError(`format: ${form.format} leaves out parts that a ${format.kind} needs`)
  return { forward: reader(format, form.format), back: formatter(format, isExact) }
}

function formatter(format: DateFormat, isExact: boolean): Step {
  return (value) => {
    const typed = convertValue(value, { kind: format.kind })
    if (!typed.ok) return typed
    const parts = partsOf(rawOf(typed.value))
    if (parts === null) return notConvertible(value, 'lies outside of the years 1 to 9999')
    const lost = isExact ? findLost(format, parts) : undefined
    if (lost !== undefined) return notConvertible(value, `has a ${lost} that the format does not show`)
    return converted(text(format.pieces.map((piece) => piece.write(parts)).join('')))
  }
}

/** A part that would come back different: not shown at all, or only its first digits. */
function findLost({ pieces }: DateFormat, parts: DateParts): DatePart | undefined {
  return timeParts.find((part) => {
    const shown = pieces.find((piece) => piece.part === part)
    return (shown?.read(shown.write(parts)) ?? nothing[part]) !== parts[part]
  })
}

const timeParts: readonly DatePart[] = ['hour', 'minute', 'second', 'fraction']
const nothing: DateParts = {
  year: '0001',
  month: '01',
  day: '01',
  hour: '00',
  minute: '00',
  second: '00',
  fraction: '000000',
}

function partsOf(raw: string): DateParts | null {
  const match =
    /^(?:(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d))?T?(?:(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)\.(?<fraction>\d{6}))?Z?$/.exec(
      raw,
    )
  if (match === null) return null
  const found = Object.entries(match.groups ?? {}).filter(([, digits]) => digits !== undefined)
  return { ...nothing, ...Object.fromEntries(found) }
}

function reader(format: DateFormat, written: string): Step {
  const pattern = new RegExp(`^${format.pieces.map((piece) => `(${piece.pattern})`).join('')}$`, 'u')
  return (value) => {
    const match = pattern.exec(rawOf(value))
    const parts: Record<DatePart, string> = { ...nothing }
    format.pieces.forEach(({ part, read }, index) => {
      if (part !== null) parts[part] = read(match?.[index + 1] ?? '') ?? ''
    })
    return match
      ? typed(value, parts, format.kind, written)
      : notConvertible(value, `is not written like ${written}`)
  }
}

function typed(value: Value, parts: DateParts, kind: DateFormat['kind'], written: string): Conversion {
  const date = `${parts.year}-${parts.month}-${parts.day}`
  const time = `${parts.hour}:${parts.minute}:${parts.second}.${parts.fraction}`
  const iso = { date, time, moment: `${date}T${time}`, instant: `${date}T${time}Z` }[kind]
  const result = convertValue(text(iso), { kind })
  return result.ok ? result : notConvertible(value, `is no ${kind} that exists, written like ${written}`)
}
