import { describe, expect, it } from 'vitest'
import { zeroCounters } from '../../../src/core/sync/outcome.ts'
import type { LineState } from '../../../src/core/sync/run.ts'
import { endState } from '../../../src/store/runs/end-state.ts'

describe('how a run has ended', () => {
  const state = (lines: readonly LineState[], counters: object = {}) =>
    endState(
      lines.map((line) => ({ state: line })),
      [{ counters: { ...zeroCounters, ...counters } }],
    )

  it.each([
    [['finished', 'finished'], 'succeeded'],
    [[], 'succeeded'],
    [['finished', 'failed', 'blocked'], 'failed'],
    [['failed', 'cancelled'], 'failed'],
    [['finished', 'cancelled', 'blocked'], 'cancelled'],
  ] as const)('lines %j: %s', (lines, expected) => {
    expect(state(lines)).toBe(expected)
  })

  it('records left out on purpose are no failures', () => {
    expect(state(['finished'], { read: 3, ignored: 1, notCoupled: 1, unchanged: 1 })).toBe('succeeded')
    expect(state(['finished'], { read: 1, waiting: 1 })).toBe('succeeded-with-failures')
  })
})
