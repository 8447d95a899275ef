import cronstrue from 'cronstrue'
import type { Timing } from './schedule.ts'

const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const units = [
  { minutes: 10_080, one: 'week' },
  { minutes: 1_440, one: 'day' },
  { minutes: 60, one: 'hour' },
  { minutes: 1, one: 'minute' },
]

/** When a schedule is due, as people say it: `every 30 minutes, Mon to Fri, 06:00–22:00 (Europe/Copenhagen)`. */
export function timingInWords(timing: Omit<Timing, 'anchorAt' | 'blackouts'>): string {
  const { everyMinutes, cron, weekdays, windowFrom, windowTo, timeZone, expiresAt } = timing
  const rate = everyMinutes === null ? cronInWords(cron ?? '') : intervalInWords(everyMinutes)
  const parts = [
    rate,
    ...(weekdays === null ? [] : [daysInWords(weekdays)]),
    ...(windowFrom === null ? [] : [`${windowFrom}–${windowTo}`]),
  ]
  const isLocal = cron !== null || weekdays !== null || windowFrom !== null
  const end = expiresAt === null ? '' : `, until ${expiresAt}`
  return `${parts.join(', ')}${isLocal ? ` (${timeZone})` : ''}${end}`
}

function intervalInWords(minutes: number): string {
  const unit = units.find((each) => minutes % each.minutes === 0) ?? { minutes: 1, one: 'minute' }
  const count = minutes / unit.minutes
  return count === 1 ? `every ${unit.one}` : `every ${count} ${unit.one}s`
}

function cronInWords(cron: string): string {
  const words = cronstrue.toString(cron, { use24HourTimeFormat: true, throwExceptionOnParseError: false })
  return words.charAt(0).toLowerCase() + words.slice(1)
}

/** Three days and more in a row are a range. */
function daysInWords(days: readonly number[]): string {
  const sorted = [...new Set(days)].sort((a, b) => a - b)
  const runs: number[][] = []
  for (const day of sorted) {
    const run = runs.at(-1)
    if (run?.at(-1) === day - 1) run.push(day)
    else runs.push([day])
  }
  return runs
    .map((run) => (run.length > 2 ? `${name(run[0])} to ${name(run.at(-1))}` : run.map(name).join(', ')))
    .join(', ')
}

function name(day: number | undefined): string {
  return dayNames[(day ?? 0) - 1] ?? '?'
}
