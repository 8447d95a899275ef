import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Claim, fairPieces, fairShares } from '../../../../src/core/budget/fair-share.ts'

const claims = (...each: (readonly [want: number, weight?: number])[]) =>
  new Map<number, Claim>(each.map(([want, weight = 1], index) => [index, { want, weight }]))
const sum = (shares: ReadonlyMap<number, number>) => [...shares.values()].reduce((a, b) => a + b, 0)

describe('what is scarce', () => {
  it('is shared equally by those who want more, and nobody gets more than it wants', () => {
    expect([...fairShares(10, claims([2], [9], [9])).values()]).toEqual([2, 4, 4])
  })

  it('is shared by weight', () => {
    expect([...fairShares(12, claims([99, 3], [99, 1])).values()]).toEqual([9, 3])
  })

  it('is given to all in full when there is enough', () => {
    expect([...fairShares(100, claims([2], [9], [0])).values()]).toEqual([2, 9, 0])
  })

  it('is nothing when there is nothing, or less', () => {
    expect(sum(fairShares(-5, claims([2], [9])))).toBe(0)
  })

  it('six that want all of five pieces get each the same number over time', () => {
    const wanting = claims(...Array.from({ length: 6 }, () => [5] as const))
    const got = Array.from({ length: 6 }, () => 0)
    for (let turn = 0; turn < 600; turn++) {
      for (const [key, count] of fairPieces(5, wanting, turn)) got[key] = (got[key] ?? 0) + count
    }
    for (const count of got) expect(Math.abs(count - 500)).toBeLessThanOrEqual(5)
  })

  it('comes in whole pieces: all of them, and each claim what is fair, rounded up or down', () => {
    const claim = fc.record({ want: fc.nat(20), weight: fc.integer({ min: 1, max: 5 }) })
    fc.assert(
      fc.property(fc.nat(60), fc.array(claim, { maxLength: 12 }), fc.nat(), (total, list, turn) => {
        const all = new Map(list.map((each, index) => [index, each]))
        const exact = fairShares(total, all)
        const pieces = fairPieces(total, all, turn)
        const wanted = list.reduce((count, { want }) => count + want, 0)
        expect(sum(pieces)).toBe(Math.min(total, wanted))
        for (const [key, count] of pieces) {
          expect(Math.abs(count - (exact.get(key) ?? 0))).toBeLessThan(1)
          expect(count).toBeLessThanOrEqual(all.get(key)?.want ?? 0)
        }
      }),
    )
  })
})
