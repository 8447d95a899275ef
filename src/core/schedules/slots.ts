import { Cron } from 'croner'
import { localClock, minuteOf } from './local-time.ts'
import type { Blackout, Timing } from './schedule.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440
/** A clock that is set forward or back in between is that far off at most. */
const CLOCK_CHANGE_MINUTES = 60
/** Nobody waits longer for a slot; long enough for a 29th of February. */
const HORIZON_MS = 5 * 366 * DAY_MINUTES * MINUTE_MS
/** A timing with more closed slots than that in a row is treated as one that has none. */
const MAX_TRIES = 20_000

/** Slots before anything closes them, as ms since the epoch. Each is strictly after, or before, the time given. */
interface Grid {
  after(ms: number): number | null
  before(ms: number): number | null
}

/** The slots of a timing. All instants are ms since the epoch. */
interface Slots {
  after(ms: number): number | null
  lastUpTo(ms: number, sinceMs: number): number | null
}

/**
 * The first slot after an instant, or null when there is none. All instants are ms since the epoch.
 *
 * A cron time that does not exist in the night in which clocks go forward (02:30) comes when they have gone (03:00); one
 * that exists twice comes once, the first time. What repeats within the hour follows the hours: the missing ones are left
 * out, the hour that comes twice counts twice. Intervals are the same length in every night.
 */
export function nextSlot(timing: Timing, afterMs: number): number | null {
  return slotsOf(timing).after(afterMs)
}

/** The last slot at an instant or before, but after `sinceMs`; null when there is none. */
export function lastSlot(timing: Timing, atMs: number, sinceMs: number): number | null {
  return slotsOf(timing).lastUpTo(atMs, sinceMs)
}

/** The next slots, as many as there are. */
export function nextSlots(timing: Timing, afterMs: number, count: number): readonly number[] {
  const slots = slotsOf(timing)
  const found: number[] = []
  for (let at = slots.after(afterMs); at !== null && found.length < count; at = slots.after(at))
    found.push(at)
  return found
}

function slotsOf(timing: Timing): Slots {
  const grid = gridOf(timing)
  const closing = closings(timing)
  const expiresMs = timing.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(timing.expiresAt)
  return {
    after(ms) {
      const end = Math.min(ms + HORIZON_MS, expiresMs)
      let at = grid.after(ms)
      for (let tries = 0; at !== null && at < end && tries < MAX_TRIES; tries += 1) {
        const closed = closing(at)
        if (closed === null) return at
        at = grid.after(closed.until - 1)
      }
      return null
    },
    lastUpTo(ms, sinceMs) {
      let at = grid.before(Math.min(ms + 1, expiresMs))
      for (let tries = 0; at !== null && at > sinceMs && tries < MAX_TRIES; tries += 1) {
        const closed = closing(at)
        if (closed === null) return at
        at = grid.before(closed.since + 1)
      }
      return null
    },
  }
}

function gridOf({ everyMinutes, cron, anchorAt, timeZone }: Timing): Grid {
  if (everyMinutes !== null) return intervalGrid(everyMinutes * MINUTE_MS, Date.parse(anchorAt))
  const pattern = new Cron(cron ?? '', { timezone: timeZone, mode: '5-part' })
  return {
    after: (ms) => pattern.nextRun(new Date(ms))?.getTime() ?? null,
    // Looks strictly before a whole second.
    before: (ms) => pattern.previousRuns(1, new Date(Math.ceil(ms / 1_000) * 1_000))[0]?.getTime() ?? null,
  }
}

function intervalGrid(everyMs: number, anchorMs: number): Grid {
  return {
    after: (ms) => anchorMs + (Math.floor((ms - anchorMs) / everyMs) + 1) * everyMs,
    before: (ms) => anchorMs + (Math.ceil((ms - anchorMs) / everyMs) - 1) * everyMs,
  }
}

/** It is closed from `since` to `until` at least: no slot in between need be looked at. */
interface Closed {
  readonly since: number
  readonly until: number
}

function closings(timing: Timing): (ms: number) => Closed | null {
  const window = windowClosings(timing)
  return (ms) => {
    const blackout = timing.blackouts.find((each) => covers(each, ms))
    if (blackout) return { since: Date.parse(blackout.from) - 1, until: Date.parse(blackout.to) }
    return window(ms)
  }
}

function covers({ from, to }: Blackout, ms: number): boolean {
  return Date.parse(from) <= ms && ms < Date.parse(to)
}

/** Weekdays and window. It opens and closes at a midnight or at an end of the window, and nowhere else. */
function windowClosings(timing: Timing): (ms: number) => Closed | null {
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
    return { since: ms - safely(behind), until: ms + safely(ahead) }
  }
}

/** How far may be jumped without missing what lies behind the boundary, should clocks change on the way; at least a minute. */
function safely(minutes: number): number {
  return Math.max(1, minutes - CLOCK_CHANGE_MINUTES) * MINUTE_MS
}
