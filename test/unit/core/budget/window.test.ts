import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bookUsage, spareAtRate, steadyRate, totalUsage } from '../../../../src/core/budget/window.ts'

describe('the usage of a window', () => {
  it('is kept in buckets: what falls into the time of the last one joins it', () => {
    const one = bookUsage([], { requests: 1, executionMs: 10 }, 1_000, 5_000)
    const two = bookUsage(one, { requests: 2, executionMs: 20 }, 5_999, 5_000)
    const three = bookUsage(two, { requests: 4, executionMs: 40 }, 6_000, 5_000)
    expect(three).toEqual([
      { from: 1_000, requests: 3, executionMs: 30 },
      { from: 6_000, requests: 4, executionMs: 40 },
    ])
    expect(totalUsage(three)).toEqual({ requests: 7, executionMs: 70 })
  })

  it('has no bucket for nothing', () => {
    expect(bookUsage([], { requests: 0, executionMs: 0 }, 1, 5_000)).toEqual([])
  })
})

describe('the steady pace', () => {
  it('is the whole limit over the window when nothing is used, or when it is used evenly', () => {
    expect(steadyRate(6_000, [], 0, 300_000)).toBeCloseTo(0.02)
    const even = Array.from({ length: 60 }, (_, each) => ({ at: (each + 1) * 5_000, amount: 100 }))
    expect(steadyRate(100, even, 0, 300_000)).toBeCloseTo(0.02)
  })

  it('stretches what is left after a burst until the burst comes back', () => {
    expect(steadyRate(1_000, [{ at: 200_000, amount: 5_000 }], 0, 300_000)).toBeCloseTo(0.005)
  })

  it('is nothing while nothing is free', () => {
    expect(steadyRate(-10, [{ at: 5_000, amount: 100 }], 0, 300_000)).toBe(0)
  })

  it('never asks for more than has come back by then', () => {
    const returning = fc.array(fc.record({ after: fc.integer({ min: 1, max: 50 }), amount: fc.nat(500) }))
    fc.assert(
      fc.property(fc.nat(1_000), returning, (free, list) => {
        let at = 0
        const steps = list.map(({ after, amount }) => {
          at += after
          return { at, amount }
        })
        const rate = steadyRate(free, steps, 0, Math.max(at, 1))
        let available = free
        for (const step of steps) {
          expect(rate * step.at).toBeLessThanOrEqual(available + 1e-6)
          available += step.amount
        }
      }),
    )
  })
})

describe('what a pace can spare', () => {
  const evenly = (each: number) =>
    Array.from({ length: 60 }, (_, bucket) => ({ at: (bucket + 1) * 5_000, amount: each }))

  it('is all that is free where what comes back feeds it', () => {
    expect(spareAtRate(0.01, 1_000, evenly(50), 0, 300_000)).toBeCloseTo(950)
    expect(spareAtRate(0.01, 1_000, evenly(100), 0, 300_000)).toBeCloseTo(950)
  })

  it('is what the pace does not need until a burst comes back', () => {
    expect(spareAtRate(0.01, 6_000, [], 0, 300_000)).toBeCloseTo(3_000)
    expect(spareAtRate(0.01, 2_500, [{ at: 200_000, amount: 3_500 }], 0, 300_000)).toBeCloseTo(500)
  })

  it('is less than nothing where the pace cannot be kept', () => {
    expect(spareAtRate(0.01, 1_000, [{ at: 200_000, amount: 5_000 }], 0, 300_000)).toBeCloseTo(-1_000)
  })
})
