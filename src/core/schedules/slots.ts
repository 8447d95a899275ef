import { cronGrid, type Grid } from './cron-grid.ts'
import { closings, HORIZON_MS, MAX_TRIES } from './openings.ts'
import type { Timing } from './schedule.ts'

const MINUTE_MS = 60_000

/** The slots of a timing. All instants are ms since the epoch. */
interface Slots {
  after(ms: number): number | null
  lastUpTo(ms: number, sinceMs: number): number | null
}

/**
 * The first slot after an instant, or null when there is none. All instants are ms since the epoch.
 *
 * A cron time that does not exist in the night in which clocks go forward (02:30) comes when they have gone (03:00), unless that
 * is closed; one that exists twice comes once, the first time. What repeats within the hour, or comes in every one, follows the hours:
 * the missing one is left out, the hour that comes twice counts twice. Intervals are the same length in every night.
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
  return cronGrid(cron ?? '', timeZone)
}

function intervalGrid(everyMs: number, anchorMs: number): Grid {
  return {
    after: (ms) => anchorMs + (Math.floor((ms - anchorMs) / everyMs) + 1) * everyMs,
    before: (ms) => anchorMs + (Math.ceil((ms - anchorMs) / everyMs) - 1) * everyMs,
  }
}
