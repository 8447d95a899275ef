import { describe, expect, it } from 'vitest'
import { restsBySchedule } from '../../../../src/core/schedules/resting.ts'
import type { Schedule } from '../../../../src/core/schedules/schedule.ts'
import { schedule } from '../../../support/timings.ts'

const noon = '2024-05-15T12:00:00Z'
const rests = (...schedules: readonly Schedule[]) => restsBySchedule('ITEM', schedules, Date.parse(noon))
const pause = { by: 'p', reason: 'r', at: noon }
const nightly = schedule({ windowFrom: '01:00', windowTo: '05:00' })

describe('a mapping rests by its schedules', () => {
  it.each([
    ['it is off', { enabled: false }],
    ['it is paused', { pause }],
    ['it is over', { expiresAt: noon }],
    ['its window is closed', { windowFrom: '13:00', windowTo: '14:00' }],
    ['it is not its day', { weekdays: [1] }],
    ['there is a blackout', { blackouts: [{ from: noon, to: '2024-05-15T13:00:00Z', reason: 'r' }] }],
  ])('while %s', (_, more) => {
    expect(rests(schedule(more))).toBe(true)
    expect(rests(schedule({ ...more, kind: 'mapping', mapping: 'ITEM' }))).toBe(true)
  })

  it('not where no schedule is about it, nor while one of several would let it run', () => {
    expect(rests()).toBe(false)
    expect(rests(schedule({ pause, kind: 'mapping', mapping: 'OTHER' }))).toBe(false)
    expect(rests(nightly, schedule({}))).toBe(false)
    expect(rests(nightly, schedule({ pause }))).toBe(true)
  })
})
