import { describe, expect, it } from 'vitest'
import { findIllness } from '../../../../src/core/jobs/vitals.ts'

const limits = { memoryMb: 500, delayMs: 1_000 }
const measured = (...memory: readonly number[]) => memory.map((memoryMb) => ({ memoryMb, delayMs: 10 }))

describe('a process that looks after itself', () => {
  it('stays while it is only now and then over a limit', () => {
    expect(findIllness(measured(501, 501), limits)).toBeNull()
    expect(findIllness(measured(501, 501, 400), limits)).toBeNull()
    expect(findIllness(measured(501, 400, 501, 501), limits)).toBeNull()
    expect(findIllness(measured(500, 500, 500), limits)).toBeNull()
  })

  it('leaves when it has been over one limit three times in a row, and says which', () => {
    expect(findIllness(measured(400, 501, 502, 503), limits)).toBe(
      '3 measurements in a row were over the limit of 500 MB of memory: 501, 502, 503',
    )
    const busy = [1_001, 5_000, 1_200].map((delayMs) => ({ memoryMb: 100, delayMs }))
    expect(findIllness(busy, limits)).toMatch(/limit of 1000 ms without an answer of the event loop/)
  })

  it('has no limits that nobody has set', () => {
    expect(findIllness(measured(9_000, 9_000, 9_000), { memoryMb: null, delayMs: null })).toBeNull()
  })
})
