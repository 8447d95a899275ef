import { describe, expect, it } from 'vitest'
import { isOpen, opensAt } from '../../../../src/core/schedules/openings.ts'
import type { Timing } from '../../../../src/core/schedules/schedule.ts'
import { lastSlot, nextSlot, nextSlots } from '../../../../src/core/schedules/slots.ts'
import { copenhagen, timing } from '../../../support/timings.ts'

const next = (given: Timing, after: string, count: number) =>
  nextSlots(given, Date.parse(after), count).map((ms) => new Date(ms).toISOString().slice(0, 16))
const cron = (pattern: string, changes: Partial<Timing> = {}) =>
  timing({ cron: pattern, timeZone: copenhagen, ...changes })

describe('slots of an interval', () => {
  it('lie at whole multiples from the anchor, before and after it', () => {
    expect(nextSlot(timing(), Date.parse('2026-03-01T10:30:07Z'))).toBe(Date.parse('2026-03-01T11:00:07Z'))
    expect(nextSlot(timing(), Date.parse('2025-12-31T23:45:00Z'))).toBe(Date.parse('2026-01-01T00:00:07Z'))
    expect(nextSlot(timing(), Date.parse('2025-12-31T23:10:00Z'))).toBe(Date.parse('2025-12-31T23:30:07Z'))
  })

  it('take no notice of clocks that are set forward or back', () => {
    const hourly = timing({ everyMinutes: 60, timeZone: copenhagen, anchorAt: '2026-01-01T00:00:00Z' })
    expect(next(hourly, '2026-03-28T23:30:00Z', 3)).toEqual([
      '2026-03-29T00:00',
      '2026-03-29T01:00',
      '2026-03-29T02:00',
    ])
  })
})

describe('slots of a cron expression in a night in which clocks change', () => {
  it('02:30 comes at 03:00 when there is no 02:30, and once when there are two', () => {
    expect(next(cron('30 2 * * *'), '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ])
    expect(next(cron('30 2 * * *'), '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ])
  })

  it.each([
    ['30 1,2 * * *', ['00:30', '01:00'], ['23:30', '00:30']],
    ['0 */2 * * *', ['23:00', '01:00', '02:00'], ['22:00', '00:00', '03:00']],
    ['30 */2 * * *', ['23:30', '01:00', '02:30'], ['22:30', '00:30', '03:30']],
    ['0 1-5 * * *', ['00:00', '01:00', '02:00', '03:00'], ['23:00', '00:00', '02:00', '03:00', '04:00']],
  ])('so does each of several hours: %s', (pattern, spring, autumn) => {
    const times = (after: string, count: number) =>
      next(cron(pattern), after, count).map((slot) => slot.slice(11))
    expect(times('2026-03-28T22:45:00Z', spring.length)).toEqual(spring)
    expect(times('2026-10-24T21:45:00Z', autumn.length)).toEqual(autumn)
    for (const from of ['2026-03-28T22:45:00Z', '2026-10-24T21:45:00Z']) {
      const slots = nextSlots(cron(pattern), Date.parse(from), 6)
      for (const [index, slot] of slots.entries())
        expect(lastSlot(cron(pattern), slot - 1, slots[0] ?? 0)).toBe(index < 2 ? null : slots[index - 1])
    }
  })

  it('a time that moves out of its window is left out', () => {
    const nightly = cron('30 2 * * *', { windowFrom: '02:00', windowTo: '03:00' })
    expect(next(nightly, '2026-03-28T12:00:00Z', 1)).toEqual(['2026-03-30T00:30'])
  })

  it('what repeats within the hour follows the hours', () => {
    expect(next(cron('*/30 * * * *'), '2026-03-29T00:10:00Z', 3)).toEqual([
      '2026-03-29T00:30',
      '2026-03-29T01:00',
      '2026-03-29T01:30',
    ])
    expect(next(cron('*/30 * * * *'), '2026-10-25T00:10:00Z', 3)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T01:00',
      '2026-10-25T01:30',
    ])
  })
})

describe('a window', () => {
  it('lets slots through from its beginning to before its end, on its days', () => {
    const workdays = timing({
      weekdays: [1, 2, 3, 4, 5],
      windowFrom: '08:00',
      windowTo: '09:00',
      timeZone: copenhagen,
    })
    expect(next(workdays, '2026-03-27T07:20:00Z', 4)).toEqual([
      '2026-03-27T07:30',
      // After the weekend, in which clocks were set forward.
      '2026-03-30T06:00',
      '2026-03-30T06:30',
      '2026-03-31T06:00',
    ])
  })

  it('over midnight belongs to the day on which it begins', () => {
    const nights = timing({
      everyMinutes: 120,
      anchorAt: '2026-01-01T00:00:00Z',
      weekdays: [5],
      windowFrom: '22:00',
      windowTo: '04:00',
    })
    expect(next(nights, '2026-01-01T00:00:00Z', 4)).toEqual([
      '2026-01-02T22:00',
      '2026-01-03T00:00',
      '2026-01-03T02:00',
      '2026-01-09T22:00',
    ])
  })

  it('also closes a cron expression', () => {
    expect(
      next(
        cron('* * * * *', { windowFrom: '02:59', windowTo: '03:01', weekdays: [7] }),
        '2026-05-01T00:00:00Z',
        3,
      ),
    ).toEqual(['2026-05-03T00:59', '2026-05-03T01:00', '2026-05-10T00:59'])
  })
})

describe('the end of slots', () => {
  const holiday = { from: '2026-12-24T00:00:00Z', to: '2026-12-27T00:00:00Z', reason: 'Christmas' }

  it('no slot lies in a blackout; one at its end does', () => {
    const daily = cron('0 0 * * *', { timeZone: 'UTC', blackouts: [holiday] })
    expect(next(daily, '2026-12-22T12:00:00Z', 2)).toEqual(['2026-12-23T00:00', '2026-12-27T00:00'])
    expect(lastSlot(daily, Date.parse('2026-12-26T12:00:00Z'), 0)).toBe(Date.parse('2026-12-23T00:00:00Z'))
  })

  it('none comes after it has expired, and none where no day fits', () => {
    const over = timing({ expiresAt: '2026-01-01T01:00:07Z' })
    expect(next(over, '2026-01-01T00:00:00Z', 9)).toEqual(['2026-01-01T00:00', '2026-01-01T00:30'])
    expect(lastSlot(over, Date.parse('2026-02-01T00:00:00Z'), 0)).toBe(Date.parse('2026-01-01T00:30:07Z'))
    expect(next(cron('0 0 30 2 *'), '2026-01-01T00:00:00Z', 1)).toEqual([])
    expect(next(cron('0 0 29 2 *'), '2026-01-01T00:00:00Z', 1)).toEqual(['2028-02-28T23:00'])
  })
})

describe('the last slot', () => {
  it('is the one at the instant itself, and none that is settled already', () => {
    const at = Date.parse('2026-03-01T10:30:07Z')
    expect(lastSlot(timing(), at, 0)).toBe(at)
    expect(lastSlot(timing(), at - 1, 0)).toBe(at - 30 * 60_000)
    expect(lastSlot(timing(), at, at)).toBeNull()
    expect(
      lastSlot(cron('30 10 * * *', { timeZone: 'UTC' }), Date.parse('2026-03-01T10:30:00.000Z'), 0),
    ).toBe(Date.parse('2026-03-01T10:30:00Z'))
  })
})

describe('an opening', () => {
  const nights = timing({
    timeZone: copenhagen,
    weekdays: [1, 2, 3, 4, 5],
    windowFrom: '22:00',
    windowTo: '04:00',
  })
  const opens = (given: Timing, from: string) => {
    const ms = opensAt(given, Date.parse(from))
    return ms === null ? null : new Date(ms).toISOString()
  }

  it('is the beginning of the next window, to the second, or this moment while it is open', () => {
    expect(opens(nights, '2026-03-25T09:20:41Z')).toBe('2026-03-25T21:00:00.000Z')
    expect(opens(nights, '2026-03-25T23:20:41Z')).toBe('2026-03-25T23:20:41.000Z')
    expect(isOpen(nights, Date.parse('2026-03-25T23:20:41Z'))).toBe(true)
    // Over the weekend, in which clocks are set forward.
    expect(opens(nights, '2026-03-28T03:00:30Z')).toBe('2026-03-30T20:00:00.000Z')
  })

  it('comes after a blackout, or never', () => {
    const closed = { from: '2026-03-25T21:30:00Z', to: '2026-03-26T01:15:20Z', reason: 'Backup' }
    expect(opens({ ...nights, blackouts: [closed] }, '2026-03-25T22:00:00Z')).toBe('2026-03-26T01:15:20.000Z')
    const forever = { ...closed, to: '2046-01-01T00:00:00Z' }
    expect(opens({ ...nights, blackouts: [forever] }, '2026-03-25T22:00:00Z')).toBeNull()
    expect(isOpen({ ...nights, blackouts: [forever] }, Date.parse('2026-03-25T22:00:00Z'))).toBe(false)
  })
})
