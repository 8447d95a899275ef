import { localClock, minuteOf } from './local-time.ts'
import type { Blackout, Timing } from './schedule.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440
/** A clock that is set forward or back in between is that far off at most. */
const CLOCK_CHANGE_MINUTES = 60
/** Nobody waits longer for a slot, or for an opening; long enough for a 29th of February. */
export const HORIZON_MS = 5 * 366 * DAY_MINUTES * MINUTE_MS
/** A timing that is closed at more looks than that in a row is treated as one that never opens. */
export const MAX_TRIES = 20_000

type Openings = Pick<Timing, 'timeZone' | 'weekdays' | 'windowFrom' | 'windowTo' | 'blackouts'>

/** Whether weekdays, window and blackouts let a run start at an instant (ms since the epoch). */
export function isOpen(timing: Openings, ms: number): boolean {
  return closings(timing)(ms) === null
}

/** The first instant from one on at which a run may start; null: there is none. */
export function opensAt(timing: Openings, fromMs: number): number | null {
  const closing = closings(timing)
  let at = fromMs
  for (let tries = 0; at < fromMs + HORIZON_MS && tries < MAX_TRIES; tries += 1) {
    const closed = closing(at)
    if (closed === null) return at
    at = closed.until
  }
  return null
}

/** The blackout an instant lies in; null: none. */
export function blackoutAt({ blackouts }: Pick<Timing, 'blackouts'>, ms: number): Blackout | null {
  return blackouts.find((each) => covers(each, ms)) ?? null
}

/** It is closed from `since` to `until` at least: no slot in between need be looked at. */
interface Closed {
  readonly since: number
  readonly until: number
}

/** What closes a timing at an instant; null: nothing. */
export function closings(timing: Openings): (ms: number) => Closed | null {
  const window = windowClosings(timing)
  return (ms) => {
    const blackout = blackoutAt(timing, ms)
    if (blackout !== null) return { since: Date.parse(blackout.from) - 1, until: Date.parse(blackout.to) }
    return window(ms)
  }
}

function covers({ from, to }: Blackout, ms: number): boolean {
  return Date.parse(from) <= ms && ms < Date.parse(to)
}

/** Weekdays and window. It opens and closes at a midnight or at an end of the window, and nowhere else. */
function windowClosings(timing: Openings): (ms: number) => Closed | null {
  const { timeZone, windowFrom, windowTo } = timing
  const weekdays = timing.weekdays ?? [1, 2, 3, 4, 5, 6, 7]
  if (timing.weekdays === null && windowFrom === null) return () => null
  const from = minuteOf(windowFrom ?? '00:00')
  const to = windowTo === null ? DAY_MINUTES : minuteOf(windowTo)
  const toLocal = localClock(timeZone)
  const isOpen = (weekday: number, minute: number) => {
    if (from < to) return from <= minute && minute < to && weekdays.includes(weekday)
    const dayBefore = weekday === 1 ? 7 : weekday - 1
    return minute >= from ? weekdays.includes(weekday) : minute < to && weekdays.includes(dayBefore)
  }
  return (ms) => {
    const { weekday, minute } = toLocal(ms)
    if (isOpen(weekday, minute)) return null
    const ahead = Math.min(...[0, from].map((at) => (at - minute - 1 + DAY_MINUTES) % DAY_MINUTES)) + 1
    const behind = Math.min(...[0, to].map((at) => (minute - at + DAY_MINUTES) % DAY_MINUTES))
    const wholeMinute = Math.floor(ms / MINUTE_MS) * MINUTE_MS
    return { since: ms - safely(behind), until: wholeMinute + safely(ahead) }
  }
}

/** How far may be jumped without missing what lies behind the boundary, should clocks change on the way; at least a minute. */
function safely(minutes: number): number {
  return Math.max(1, minutes - CLOCK_CHANGE_MINUTES) * MINUTE_MS
}
