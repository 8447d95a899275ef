import { Cron } from 'croner'
import { afterEach, expect, it, vi } from 'vitest'
import { cronGrid } from '../../../../src/core/schedules/cron-grid.ts'
import { MAX_TRIES } from '../../../../src/core/schedules/openings.ts'
import { lastSlot, nextSlot } from '../../../../src/core/schedules/slots.ts'
import { copenhagen, timing } from '../../../support/timings.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const HOUR_MS = 3_600_000
const from = Date.parse('2026-03-28T12:00:00Z')

it('many hours that never lie in the window cost little more than one', () => {
  const closed = timing({
    cron: '* 0-11,13-23 * * *',
    timeZone: copenhagen,
    windowFrom: '12:00',
    windowTo: '13:00',
  })
  const ahead = vi.spyOn(Cron.prototype, 'nextRun')
  expect(nextSlot(closed, from)).toBeNull()
  expect(ahead.mock.calls.length).toBeLessThan(2 * MAX_TRIES)
  const behind = vi.spyOn(Cron.prototype, 'previousRuns')
  expect(lastSlot(closed, from, from - 30 * 24 * HOUR_MS)).toBeNull()
  expect(behind.mock.calls.length).toBeLessThan(30 * 200)
})

it.each(['30 1,2 * * *', '*/20 1-3,22 * * *', '0 */2 * * *'])(
  'what was asked before makes no difference, in whichever order: %s',
  (cron) => {
    const asked = cronGrid(cron, copenhagen)
    // Forth and back over the night in which clocks go forward, and onto slots as well as between them.
    for (const hours of [0, 13, 12.5, 12.5, 14, 3, 36, 35, 12, 13.5, 0]) {
      const ms = from + hours * HOUR_MS
      const fresh = cronGrid(cron, copenhagen)
      expect([asked.after(ms), asked.before(ms)]).toEqual([fresh.after(ms), fresh.before(ms)])
    }
  },
)
