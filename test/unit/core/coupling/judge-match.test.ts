import { describe, expect, it } from 'vitest'
import { chooseHit, countClaims, judgeHit, type MatchHit } from '../../../../src/core/coupling/judge-match.ts'

const hit = (more: Partial<MatchHit> = {}): MatchHit => ({
  candidateCount: 1,
  rivals: 1,
  takenBy: null,
  wasUncoupled: false,
  ...more,
})

describe('what a match group has found (domain.md §12.3)', () => {
  it.each([
    ['one candidate that matches nobody else', {}, 'unique'],
    ['several candidates', { candidateCount: 2 }, 'ambiguous'],
    [
      'several candidates, although one was uncoupled',
      { candidateCount: 2, wasUncoupled: true },
      'ambiguous',
    ],
    ['a candidate that others match, too', { rivals: 2 }, 'ambiguous'],
    ['a candidate of another coupling', { takenBy: 'CUSTOMER' }, 'already-coupled'],
    ['a candidate that was uncoupled on purpose', { wasUncoupled: true }, 'uncoupled-before'],
    [
      'one that was uncoupled and is coupled to others now',
      { wasUncoupled: true, takenBy: 'M', rivals: 2 },
      'uncoupled-before',
    ],
  ] as const)('is judged: %s', (_case, more, verdict) => {
    expect(judgeHit(hit(more))).toBe(verdict)
  })

  it('counts group by group: the first unique one, else the first that has found anything', () => {
    const [ambiguous, taken, unique] = [hit({ rivals: 3 }), hit({ takenBy: 'OTHER' }), hit()]
    expect(chooseHit([ambiguous, taken, unique, hit()])).toBe(unique)
    expect(chooseHit([taken, ambiguous])).toBe(taken)
    expect(chooseHit([])).toBeNull()
  })

  it('P3: counts claims on a candidate over all groups, but those of unique matches only', () => {
    const found = [hit(), hit({ candidateCount: 2 }), hit()].map((each) => ({ ...each, key: 'text:R' }))
    expect(countClaims(found, ({ key }) => key)).toEqual(new Map([['text:R', 2]]))
  })
})
