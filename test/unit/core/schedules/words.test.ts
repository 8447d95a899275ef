import { describe, expect, it } from 'vitest'
import { checkTiming } from '../../../../src/core/schedules/check-timing.ts'
import { decideSlot, type SlotFacts } from '../../../../src/core/schedules/decide-slot.ts'
import { timingInWords } from '../../../../src/core/schedules/timing-words.ts'
import { copenhagen, timing } from '../../../support/timings.ts'

describe('when a schedule is due, in words', () => {
  it.each([
    [timing(), 'every 30 minutes'],
    [timing({ everyMinutes: 60 }), 'every hour'],
    [timing({ everyMinutes: 2_880 }), 'every 2 days'],
    [
      timing({ weekdays: [1, 2, 3, 4, 5, 7], windowFrom: '06:00', windowTo: '22:00', timeZone: copenhagen }),
      'every 30 minutes, Mon to Fri, Sun, 06:00–22:00 (Europe/Copenhagen)',
    ],
    [
      timing({ cron: '30 2 * * 1-5', timeZone: copenhagen }),
      'at 02:30, Monday through Friday (Europe/Copenhagen)',
    ],
    [timing({ expiresAt: '2027-01-01T00:00:00Z' }), 'every 30 minutes, until 2027-01-01T00:00:00Z'],
  ])('%#', (given, words) => {
    expect(timingInWords(given)).toBe(words)
  })
})

describe('a timing that cannot be', () => {
  it.each([
    [{ everyMinutes: null }, 'everyMinutes'],
    [{ everyMinutes: 5, cron: '* * * * *' }, 'everyMinutes'],
    [{ everyMinutes: 0 }, 'everyMinutes'],
    [{ cron: '61 * * * *' }, 'cron'],
    [{ cron: '* * * * * *' }, 'cron'],
    [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
    [{ weekdays: [0] }, 'weekdays'],
    [{ windowFrom: '08:00' }, 'windowTo'],
    [{ windowFrom: '8:00', windowTo: '25:00' }, 'windowFrom'],
    [{ windowFrom: '08:00', windowTo: '08:00' }, 'windowTo'],
    [{ cron: '0 12 * * *', windowFrom: '08:00', windowTo: '09:00' }, 'cron'],
    [{ cron: '0 0 30 2 *' }, 'cron'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'everyMinutes'],
  ])('is named: %j', (changes, field) => {
    expect(checkTiming(timing(changes), Date.parse('2026-06-01T00:00:00Z'))[0]?.field).toBe(field)
  })
})

describe('a slot that is due', () => {
  const minute = 60_000
  const facts = (changes: Partial<SlotFacts>): SlotFacts => ({
    slotMs: 0,
    nowMs: 1_000,
    overlap: 'merge',
    catchUp: 'once',
    inactivityMinutes: 720,
    isPending: false,
    lastRun: { isOver: true, finishedMs: -20 * minute, foundNothing: false },
    ...changes,
  })
  const nothing = { isOver: true, finishedMs: -20 * minute, foundNothing: true }
  const running = { isOver: false, finishedMs: null, foundNothing: false }
  it.each([
    [{}, 'start'],
    [{ lastRun: null }, 'start'],
    [{ lastRun: running }, 'wait'],
    [{ lastRun: running, overlap: 'skip' }, 'leave out'],
    [{ nowMs: 6 * minute }, 'start'],
    [{ nowMs: 6 * minute, catchUp: 'skip' }, 'leave out'],
    [{ nowMs: 4 * minute, catchUp: 'skip' }, 'start'],
    [{ nowMs: 6 * minute, catchUp: 'skip', isPending: true }, 'start'],
    [{ lastRun: nothing }, 'if changed'],
    [{ lastRun: nothing, inactivityMinutes: 0 }, 'start'],
    [{ lastRun: nothing, slotMs: 700 * minute, nowMs: 700 * minute }, 'start'],
  ] satisfies [Partial<SlotFacts>, string][])('%j: %s', (changes, action) => {
    expect(decideSlot(facts(changes)).action).toBe(action)
  })
})
