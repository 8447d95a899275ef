import { describe, expect, it } from 'vitest'
import { composeMessage } from '../../../../src/core/alerts/message.ts'
import { readDownConnections, readUntakenQueues } from '../../../../src/core/alerts/reach.ts'
import type { BreakerState } from '../../../../src/core/control/breaker.ts'
import type { KnownProcess } from '../../../../src/core/ports/process-store.ts'
import { plainRule } from '../../../support/alert-rule.ts'

describe('connections that are out of reach', () => {
  const last = { code: 'CONNECTION_REFUSED', message: 'refused', kind: 'transient' } as const
  const open: BreakerState = { state: 'open', since: 100_000, retryAt: 130_000, failures: 2, last }
  const { retryAt: _, ...rest } = open
  const tried: BreakerState = { ...rest, state: 'half-open', trialBy: 'one', trialUntil: 250_000 }
  const read = (state: BreakerState, nowMs: number) =>
    readDownConnections([{ connection: 'bc', state }], nowMs).map(({ subject, value }) => [subject, value])

  it('are counted in whole minutes since the first failure, trials included', () => {
    expect(read(open, 159_999)).toEqual([['connection bc', 0]])
    expect(read(open, 160_000)).toEqual([['connection bc', 1]])
    expect(read(tried, 220_000)).toEqual([['connection bc', 2]])
  })

  it('are told of as long as somebody tries them', () => {
    expect(read(open, 430_000)).toEqual([['connection bc', 5]])
    expect(read(open, 430_001)).toEqual([])
    expect(read({ ...tried, trialUntil: 250_000 }, 999_000)).toEqual([['connection bc', 14]])
  })

  it('are never negative, by whichever clock, and one that answers is none', () => {
    expect(read(open, 40_000)).toEqual([['connection bc', 0]])
    expect(read({ state: 'closed' }, 999_999)).toEqual([])
  })
})

describe('queues that nobody takes jobs from', () => {
  const process = (more: Partial<KnownProcess> = {}) => ({
    concurrency: { runs: 5, lines: 4, schedules: 0 },
    seenMsAgo: 1_000,
    state: 'working' as const,
    isToBeQuiet: false,
    ...more,
  })
  const read = (...processes: ReturnType<typeof process>[]) =>
    readUntakenQueues(processes, ['lines', 'schedules']).map(({ subject, value }) => [subject, value])
  const untaken = (lines: number, schedules: number) => [
    ['queue lines', lines],
    ['queue schedules', schedules],
  ]

  it('are those that no process has a place for', () => {
    expect(read()).toEqual(untaken(1, 1))
    expect(read(process())).toEqual(untaken(0, 1))
    expect(read(process(), process({ concurrency: { schedules: 5 } }))).toEqual(untaken(0, 0))
  })

  it.each([
    ['silent', { seenMsAgo: 15_001 }],
    ['quiet', { state: 'quiet' }],
    ['asked to be quiet', { isToBeQuiet: true }],
    ['leaving', { state: 'stopping' }],
  ] as const)('a process that is %s takes nothing; another may', (_what, more) => {
    expect(read(process(more))).toEqual(untaken(1, 1))
    expect(read(process(more), process())).toEqual(untaken(0, 1))
  })
})

it('a message says of what holds or does not only that it holds, and since when', () => {
  const message = composeMessage('fired', [
    {
      rule: {
        id: 1,
        name: 'queue-away',
        metric: 'queue-unreachable',
        ...plainRule,
        windowMinutes: 2,
      },
      alert: {
        subject: 'queue server',
        pairName: null,
        mappingName: null,
        value: 1,
        since: '2026-05-01T11:49:00Z',
      },
    },
  ])
  expect(message.text).toBe(
    'queue server: cannot be reached (critical, rule queue-away, since 2026-05-01 11:49 UTC)',
  )
})
