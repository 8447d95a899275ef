import { describe, expect, it } from 'vitest'
import { lateForMs } from '../../../../src/core/alerts/lateness.ts'
import type { Schedule } from '../../../../src/core/schedules/schedule.ts'
import { schedule } from '../../../support/timings.ts'

const nightly = schedule({ cron: '0 2 * * *' })
const often = schedule({ everyMinutes: 5 })
/** Minutes late at a time of the 15th, when the last good run began at another. */
const late = (last: string, now: string, ...schedules: readonly Schedule[]) => {
  const [lastMs, nowMs] = [last, now].map((time) => Date.parse(`2024-05-${time}:00Z`)) as [number, number]
  const ms = lateForMs({ mapping: 'ITEM', ageSeconds: (nowMs - lastMs) / 1_000 }, schedules, nowMs)
  return ms === null ? null : ms / 60_000
}

describe('how late a mapping is', () => {
  it.each([
    ['15T02:00', '15T23:00', 0],
    ['15T02:00', '16T01:59', 0],
    ['15T02:00', '16T03:01', 61],
    ['14T02:00', '15T12:00', 600],
    // Begun by a clock that is a little behind.
    ['15T01:59', '15T23:00', 0],
  ])('by night: last at %s, now %s: %i minutes', (last, now, expected) => {
    expect(late(last, now, nightly)).toBe(expected)
  })

  it.each([
    ['15T12:00', '15T12:04', 0],
    ['15T12:00', '15T13:05', 60],
  ])('every five minutes: last at %s, now %s: %i minutes', (last, now, expected) => {
    expect(late(last, now, often)).toBe(expected)
  })

  it('counts by the schedule that comes first, and not outside of a window, in a blackout or behind an end', () => {
    expect(late('15T12:00', '15T13:05', nightly, often)).toBe(60)
    // The 18th is a Saturday.
    const work = schedule({
      everyMinutes: 60,
      weekdays: [1, 2, 3, 4, 5],
      windowFrom: '08:00',
      windowTo: '18:00',
    })
    expect(late('17T17:00', '20T07:59', work)).toBe(0)
    expect(late('17T17:00', '20T09:30', work)).toBe(90)
    const blackouts = [{ from: '2024-05-15T12:02:00Z', to: '2024-05-15T14:00:00Z', reason: 'r' }]
    expect(late('15T12:00', '15T14:30', schedule({ everyMinutes: 5, blackouts }))).toBe(30)
    expect(
      late('15T12:00', '15T14:30', schedule({ everyMinutes: 5, expiresAt: '2024-05-15T12:01:00Z' })),
    ).toBe(0)
  })

  it('is nothing where no schedule runs it', () => {
    expect(late('15T12:00', '15T13:00')).toBeNull()
    expect(late('15T12:00', '15T13:00', schedule({ everyMinutes: 5, enabled: false }))).toBeNull()
    const pause = { by: 'p', reason: 'r', at: '2024-05-15T12:00:00Z' }
    expect(late('15T12:00', '15T13:00', schedule({ everyMinutes: 5, pause }))).toBeNull()
    expect(
      late('15T12:00', '15T13:00', schedule({ everyMinutes: 5, kind: 'mapping', mapping: 'OTHER' })),
    ).toBeNull()
    expect(
      late('15T12:00', '15T13:05', schedule({ everyMinutes: 5, kind: 'mapping', mapping: 'ITEM' })),
    ).toBe(60)
  })
})
