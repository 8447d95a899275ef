import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { localClock, minuteOf } from '../../../../src/core/schedules/local-time.ts'
import type { Timing } from '../../../../src/core/schedules/schedule.ts'
import { lastSlot, nextSlot, nextSlots } from '../../../../src/core/schedules/slots.ts'
import { timing } from '../../../support/timings.ts'

const zones = [
  'UTC',
  'Europe/Copenhagen',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/St_Johns',
]
const from = Date.parse('2025-01-01T00:00:00Z')
const moment = fc.integer({ min: from, max: from + 2 * 365 * 86_400_000 })
const time = fc.integer({ min: 0, max: 1_439 }).map((minute) => {
  const pad = (part: number) => String(part).padStart(2, '0')
  return `${pad(Math.floor(minute / 60))}:${pad(minute % 60)}`
})
const window = fc.option(
  fc.tuple(time, time).filter(([begin, end]) => begin !== end),
  { nil: null },
)
const rate = fc.oneof(
  fc.record({ everyMinutes: fc.constantFrom(1, 7, 30, 60, 720, 1_440, 10_080), cron: fc.constant(null) }),
  fc.record({
    everyMinutes: fc.constant(null),
    cron: fc.constantFrom(
      '*/5 * * * *',
      '30 2 * * *',
      '0 * * * *',
      '15 0,12 * * 1-5',
      '0 3 1 * *',
      '30 */3 * * *',
    ),
  }),
)
const timings: fc.Arbitrary<Timing> = fc
  .record({
    rate,
    timeZone: fc.constantFrom(...zones),
    weekdays: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), { nil: null }),
    window,
    anchor: moment,
    blackouts: fc.array(fc.tuple(moment, fc.integer({ min: 1, max: 30 * 86_400_000 })), { maxLength: 3 }),
  })
  .map(({ rate: { everyMinutes, cron }, timeZone, weekdays, window, anchor, blackouts }) =>
    timing({
      everyMinutes,
      cron,
      timeZone,
      weekdays,
      windowFrom: window?.[0] ?? null,
      windowTo: window?.[1] ?? null,
      anchorAt: new Date(anchor).toISOString(),
      blackouts: blackouts.map(([begin, length]) => ({
        from: new Date(begin).toISOString(),
        to: new Date(begin + length).toISOString(),
        reason: 'closed',
      })),
    }),
  )

/** The same rule in the slowest way: every slot of the open timing, one by one. */
function slowly(given: Timing, after: number, until: number): number[] {
  const open = { ...given, weekdays: null, windowFrom: null, windowTo: null, blackouts: [] }
  const toLocal = localClock(given.timeZone)
  const isOpen = (ms: number) => {
    const { weekday, minute } = toLocal(ms)
    const days = given.weekdays ?? [1, 2, 3, 4, 5, 6, 7]
    if (given.blackouts.some(({ from, to }) => Date.parse(from) <= ms && ms < Date.parse(to))) return false
    const [begin, end] = [minuteOf(given.windowFrom ?? '00:00'), minuteOf(given.windowTo ?? '24:00')]
    if (begin < end) return begin <= minute && minute < end && days.includes(weekday)
    return minute >= begin ? days.includes(weekday) : minute < end && days.includes(((weekday + 5) % 7) + 1)
  }
  return nextSlots(open, after, 1_000).filter((at) => at <= until && isOpen(at))
}

describe('slots', () => {
  it('come in order, each once, and are the same seen from before and from behind', () => {
    fc.assert(
      fc.property(timings, moment, (given, after) => {
        const slots = nextSlots(given, after, 6)
        for (const [index, slot] of slots.entries()) {
          expect(slot).toBeGreaterThan(slots[index - 1] ?? after)
          expect(lastSlot(given, slot, 0)).toBe(slot)
          const following = slots[index + 1]
          if (following !== undefined) expect(lastSlot(given, following - 1, 0)).toBe(slot)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('an interval never drifts: whenever somebody looks, the slots are those of the anchor', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        moment,
        moment,
        fc.array(fc.nat(), { maxLength: 20 }),
        (every, anchor, start, delays) => {
          const given = timing({ everyMinutes: every, anchorAt: new Date(anchor).toISOString() })
          let now = start
          for (const delay of delays) {
            const slot = nextSlot(given, now) ?? 0
            expect(Math.abs(slot - anchor) % (every * 60_000)).toBe(0)
            expect(slot - now).toBeLessThanOrEqual(every * 60_000)
            now = slot + (delay % (3 * every * 60_000))
          }
        },
      ),
    )
  })

  it('jump over what is closed and miss nothing', () => {
    fc.assert(
      fc.property(
        timings.filter(({ everyMinutes, cron }) => everyMinutes !== 1 && cron !== '*/5 * * * *'),
        moment,
        (given, after) => {
          const until = after + 4 * 86_400_000
          expect(nextSlots(given, after, 1_000).filter((slot) => slot <= until)).toEqual(
            slowly(given, after, until),
          )
        },
      ),
      { numRuns: 10 },
    )
  })
})
