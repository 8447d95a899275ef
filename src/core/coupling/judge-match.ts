import type { MatchVerdict } from './match-list.ts'

/** What one match group has found for an uncoupled record. */
export interface MatchHit {
  /** How many records of the other side match; at least one. */
  readonly candidateCount: number
  /** How many records of this side the only candidate matches in this group, this one included. */
  readonly rivals: number
  /** Name of the mapping that has coupled the only candidate. */
  readonly takenBy: string | null
  /** The record and the only candidate were uncoupled on purpose. */
  readonly wasUncoupled: boolean
}

/**
 * The verdict of one group (domain.md §12.3). Several candidates are ambiguous whoever they are; a pair that was undone
 * on purpose is none, whatever else the candidate matches. `judge.ts` of the store says the same in SQL.
 */
export function judgeHit(hit: MatchHit): Exclude<MatchVerdict, 'none'> {
  if (hit.candidateCount > 1) return 'ambiguous'
  if (hit.wasUncoupled) return 'uncoupled-before'
  if (hit.rivals > 1) return 'ambiguous'
  return hit.takenBy === null ? 'unique' : 'already-coupled'
}

/** Groups are independent: the first one that has found a unique match counts, else the first that has found anything. */
export function chooseHit<T extends MatchHit>(hits: readonly T[]): T | null {
  return hits.find((hit) => judgeHit(hit) === 'unique') ?? hits[0] ?? null
}

/** How often each candidate has been found as a unique match: one that two records claim, by whatever groups, belongs to neither. */
export function countClaims<T extends MatchHit>(
  chosen: Iterable<T>,
  candidateOf: (hit: T) => string,
): ReadonlyMap<string, number> {
  const claims = new Map<string, number>()
  for (const hit of chosen) {
    if (judgeHit(hit) !== 'unique') continue
    const candidate = candidateOf(hit)
    claims.set(candidate, (claims.get(candidate) ?? 0) + 1)
  }
  return claims
}
