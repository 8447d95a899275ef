import { type Conversion, converted, notConvertible } from './conversion.ts'
import { rawOf, tagged, tagOf, type Value, type ValueTag } from './value.ts'

const midnight = 'T00:00:00.000000'

/** A date, an ISO text of one, or a moment at midnight; an instant has no date without a time zone. */
export function toDate(value: NonNullable<Value>): Conversion {
  const raw = rawOf(value)
  const tag = tagOf(value)
  if (tag === 'text' && isCalendarDate(raw)) return converted(tagged('date', raw))
  if (tag === 'moment' && raw.endsWith(midnight))
    return converted(tagged('date', raw.slice(0, -midnight.length)))
  return notConvertible(value, tag === 'moment' ? 'has a time of day' : 'is not a date like 2024-05-01')
}

export function toTime(value: NonNullable<Value>): Conversion {
  const time = tagOf(value) === 'text' ? canonicalTime(rawOf(value)) : null
  return time ? converted(tagged('time', time)) : notConvertible(value, 'is not a time like 14:30:00')
}

/** A moment, an ISO text without zone, or a date, which begins at midnight; an instant belongs to a zone. */
export function toMoment(value: NonNullable<Value>): Conversion {
  const raw = rawOf(value)
  if (tagOf(value) === 'date' && /^\d+-\d\d-\d\d$/.test(raw))
    return converted(tagged('moment', raw + midnight))
  return fromIsoText(value, 'moment', '') ?? notConvertible(value, 'is not a time like 2024-05-01T14:30:00')
}

/** An instant or an ISO text in UTC; dates and moments name no zone and are refused. */
export function toInstant(value: NonNullable<Value>): Conversion {
  return (
    fromIsoText(value, 'instant', 'Z') ?? notConvertible(value, 'is not a time like 2024-05-01T14:30:00Z')
  )
}

function fromIsoText(value: NonNullable<Value>, tag: ValueTag, zone: '' | 'Z'): Conversion | null {
  const raw = rawOf(value)
  if (tagOf(value) !== 'text' || !raw.endsWith(zone) || !/^.{10}[T ]/.test(raw)) return null
  const time = canonicalTime(raw.slice(11, raw.length - zone.length))
  const date = raw.slice(0, 10)
  return time && isCalendarDate(date) ? converted(tagged(tag, `${date}T${time}${zone}`)) : null
}

/** HH:MM, HH:MM:SS or HH:MM:SS.ffffff as the last of them; null for everything else. */
function canonicalTime(raw: string): string | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?$/.exec(raw)
  if (!match) return null
  const [, hours, minutes, seconds = '00', fraction = ''] = match
  return `${hours}:${minutes}:${seconds}.${fraction.padEnd(6, '0')}`
}

function isCalendarDate(raw: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(raw)
  if (!match) return false
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return year > 0 && day > 0 && day <= (days[month - 1] ?? 0)
}
