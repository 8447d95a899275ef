import { describe, expect, it } from 'vitest'
import { type BatchAnswer, type BatchLimits, nextBatchSize } from '../../../../src/core/budget/batch-size.ts'

const limits: BatchLimits = { floor: 1, ceiling: 1_000, targetMs: 2_000, step: 50 }
const answer = (records: number, rest: Partial<BatchAnswer> = {}): BatchAnswer => ({
  records,
  status: 200,
  durationMs: 500,
  timedOut: false,
  ...rest,
})

describe('the number of records in a request', () => {
  it('grows by a step after a full request within the target time, up to the ceiling', () => {
    expect(nextBatchSize(100, answer(100), limits)).toBe(150)
    expect(nextBatchSize(980, answer(980), limits)).toBe(1_000)
  })

  it('stays after a request that was not full: it has shown nothing', () => {
    expect(nextBatchSize(100, answer(40), limits)).toBe(100)
  })

  it.each([413, 408, 504])('is halved by an answer %i, down to the floor', (status) => {
    expect(nextBatchSize(100, answer(100, { status }), limits)).toBe(50)
    expect(nextBatchSize(1, answer(1, { status }), limits)).toBe(1)
  })

  it('is halved by a time-out without an answer', () => {
    expect(nextBatchSize(101, answer(101, { status: null, timedOut: true }), limits)).toBe(50)
  })

  it('is halved once by several requests of one size that fail together', () => {
    const sizes = [100, 100, 100].reduce(
      (size, records) => nextBatchSize(size, answer(records, { status: 504 }), limits),
      100,
    )
    expect(sizes).toBe(50)
  })

  it('shrinks towards what fits the target time, by a step at most', () => {
    expect(nextBatchSize(100, answer(100, { durationMs: 2_500 }), limits)).toBe(80)
    expect(nextBatchSize(400, answer(400, { durationMs: 8_000 }), limits)).toBe(350)
  })

  it.each([400, 401, 429, 500, 503, null])('is left alone by an answer %s', (status) => {
    expect(nextBatchSize(100, answer(100, { status }), limits)).toBe(100)
  })

  it('finds what a server can do in time, and stays near it', () => {
    let size = 1
    const seen: number[] = []
    for (let request = 0; request < 200; request++) {
      const durationMs = size * 5
      const status = size > 600 ? 504 : 200
      size = nextBatchSize(size, answer(size, { durationMs, status }), limits)
      if (request > 50) seen.push(size)
    }
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(350)
    expect(Math.max(...seen)).toBeLessThanOrEqual(450)
  })
})
