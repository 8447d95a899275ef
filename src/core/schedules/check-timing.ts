import { Cron } from 'croner'
import { localClock, minuteOf } from './local-time.ts'
import type { Timing } from './schedule.ts'
import { nextSlot } from './slots.ts'

/** Minutes of a year, the longest interval. */
const LONGEST_MINUTES = 525_600

/** What is wrong with one setting of a schedule. */
export interface TimingProblem {
  readonly field: keyof Timing
  readonly value: string
  readonly message: string
}

/** Everything that is wrong with a timing, so that no slot could ever be computed, or none would come. `nowMs`: since the epoch. */
export function checkTiming(timing: Timing, nowMs: number): readonly TimingProblem[] {
  const problems = [...checkRate(timing), ...checkZone(timing), ...checkWindow(timing), ...checkTimes(timing)]
  if (problems.length > 0 || nextSlot(timing, nowMs) !== null) return problems
  const field = timing.cron === null ? 'everyMinutes' : 'cron'
  return [
    at(
      field,
      timing[field],
      'no slot lies in its weekdays and window, outside of its blackouts, in five years',
    ),
  ]
}

function checkRate({ everyMinutes, cron }: Timing): readonly TimingProblem[] {
  if ((everyMinutes === null) === (cron === null))
    return [at('everyMinutes', everyMinutes, 'give minutes or a cron expression, and not both')]
  if (everyMinutes !== null) {
    const isWhole = Number.isInteger(everyMinutes) && everyMinutes >= 1 && everyMinutes <= LONGEST_MINUTES
    return isWhole
      ? []
      : [at('everyMinutes', everyMinutes, `must be whole minutes from 1 to ${LONGEST_MINUTES}`)]
  }
  try {
    new Cron(cron ?? '', { mode: '5-part' })
    return []
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return [at('cron', cron, `is no cron expression of five fields: ${why}`)]
  }
}

function checkZone({ timeZone }: Timing): readonly TimingProblem[] {
  try {
    localClock(timeZone)
    return []
  } catch {
    return [at('timeZone', timeZone, 'is no time zone; write one as Europe/Copenhagen')]
  }
}

function checkWindow({ windowFrom, windowTo, weekdays }: Timing): readonly TimingProblem[] {
  const problems: TimingProblem[] = []
  if (weekdays !== null && !(weekdays.length > 0 && weekdays.every((day) => day >= 1 && day <= 7)))
    problems.push(at('weekdays', weekdays, 'must be days from 1 (Monday) to 7 (Sunday)'))
  if (windowFrom === null && windowTo === null) return problems
  for (const [field, time] of [
    ['windowFrom', windowFrom],
    ['windowTo', windowTo],
  ] as const)
    if (time === null || !/^([01]\d|2[0-3]):[0-5]\d$/.test(time))
      problems.push(at(field, time, 'must be a time of day, as 08:00; a window has a beginning and an end'))
  if (problems.length === 0 && minuteOf(windowFrom ?? '') === minuteOf(windowTo ?? ''))
    problems.push(at('windowTo', windowTo, 'must differ from the beginning of the window'))
  return problems
}

function checkTimes({ anchorAt, expiresAt }: Timing): readonly TimingProblem[] {
  const isTime = (text: string | null) => text === null || !Number.isNaN(Date.parse(text))
  return [
    ...(isTime(anchorAt) ? [] : [at('anchorAt', anchorAt, 'is no time')]),
    ...(isTime(expiresAt) ? [] : [at('expiresAt', expiresAt, 'is no time')]),
  ]
}

function at(field: keyof Timing, value: unknown, message: string): TimingProblem {
  return { field, value: value === null ? 'none' : String(value), message }
}
