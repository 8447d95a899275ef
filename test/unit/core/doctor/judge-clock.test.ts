import { describe, expect, it } from 'vitest'
import {
  aheadMs,
  judgeProcessClocks,
  judgeServerClock,
  judgeSystemClock,
} from '../../../../src/core/doctor/judge-clock.ts'
import type { KnownProcess } from '../../../../src/core/ports/process-store.ts'

const asked = { askedMs: 100_000, answeredMs: 100_400 }

describe('a clock', () => {
  it.each([
    [100_200, 0, 0],
    [100_000, 0, 0],
    [99_000, 1_000, 0],
    [98_000, 1_000, -1_000],
    [99_999, 0, -1],
    [100_401, 0, 1],
  ])('that says %i, exact to %i ms, is ahead by %i', (atMs, precisionMs, expected) => {
    expect(aheadMs(atMs, asked, precisionMs)).toBe(expected)
  })

  it('is wrong by more than five seconds, and a slow answer makes none wrong', () => {
    expect(judgeServerClock('queue', 105_400, asked).state).toBe('good')
    expect(judgeServerClock('queue', 105_401, asked)).toMatchObject({
      state: 'warning',
      detail: expect.stringMatching(/5 s ahead/),
    })
    expect(judgeServerClock('queue', 94_000, asked)).toMatchObject({
      detail: expect.stringMatching(/6 s behind/),
    })
    expect(judgeServerClock('queue', 130_000, { askedMs: 100_000, answeredMs: 190_000 }).state).toBe('good')
  })

  it.each([
    [104_000, 'good', /agrees/],
    [120_000, 'warning', /newest wins.+no change is missed, the last 60 s are read twice/],
    [170_000, 'bad', /70 s ahead of .+more than the 60 s.+may be missed/],
    [30_000, 'bad', /69 s behind/],
  ] as const)('of a system that says %i is %s', (atMs, state, detail) => {
    const clock = { atMs, precisionMs: 1_000, overlapMs: 60_000 }
    expect(judgeSystemClock('crm', clock, asked)).toMatchObject({
      what: 'crm: clock',
      state,
      detail: expect.stringMatching(detail),
    })
  })

  it('that a system does not tell is a warning', () => {
    expect(judgeSystemClock('crm', null, asked)).toMatchObject({
      state: 'warning',
      remedy: expect.stringMatching(/Date/),
    })
  })

  it('of a process that is alive counts, and of a dead one not', () => {
    const one = { id: 'host/1/a', seenMsAgo: 1_000, clockAheadMs: 90_000 } as KnownProcess
    expect(judgeProcessClocks([{ ...one, clockAheadMs: -4_000 }])).toMatchObject([{ state: 'good' }])
    expect(judgeProcessClocks([one])).toMatchObject([
      { state: 'warning', what: 'host/1/a: clock', detail: expect.stringMatching(/90 s ahead.+too early/) },
    ])
    expect(judgeProcessClocks([{ ...one, seenMsAgo: 60_000 }])).toMatchObject([{ state: 'good' }])
  })
})
