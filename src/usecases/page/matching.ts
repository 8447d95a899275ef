import { matchValues } from '../../core/coupling/match-key.ts'
import type { MatchGroup } from '../../core/mapping/compile.ts'
import { destinationSide, type Side, sourceSide } from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { MatchResult } from '../../core/sync/facts.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { RecordView } from '../line/session.ts'
import type { LookFrame, OpenRecord } from './page.ts'

/** More candidates than this are as ambiguous as two; the rest is not read. */
const CANDIDATE_LIMIT = 5

/**
 * Searches partners for uncoupled records by the match fields of the mapping, group after group until one finds
 * something (domain.md §12.3). Symmetric: a candidate that other source records match too is ambiguous. Two searches
 * per group and page, whatever the number of records.
 */
export async function findMatches(
  session: RecordView,
  frame: LookFrame,
  records: readonly OpenRecord[],
): Promise<ReadonlyMap<RecordKey, MatchResult>> {
  const found = new Map<RecordKey, MatchResult>()
  for (const group of session.mapping.matchGroups) {
    const unmatched = records.filter((record) => !found.has(record.item.key))
    if (unmatched.length === 0) break
    await searchGroup(session, frame, group, unmatched, found)
  }
  return withClaims(found)
}

/** A candidate that several records of the page have found, by whatever group or spelling, belongs to none of them. */
function withClaims(found: ReadonlyMap<RecordKey, MatchResult>): ReadonlyMap<RecordKey, MatchResult> {
  const claims = new Map<RecordKey, number>()
  for (const { candidates } of found.values()) {
    for (const { key } of candidates) claims.set(key, (claims.get(key) ?? 0) + 1)
  }
  return new Map(
    [...found].map(([key, match]) => {
      const most = Math.max(...match.candidates.map((candidate) => claims.get(candidate.key) ?? 0))
      return [key, { ...match, rivals: Math.max(match.rivals, most) }]
    }),
  )
}

async function searchGroup(
  session: RecordView,
  frame: LookFrame,
  group: MatchGroup,
  records: readonly OpenRecord[],
  found: Map<RecordKey, MatchResult>,
): Promise<void> {
  const from = sourceSide[frame.direction]
  const to = destinationSide[frame.direction]
  const searching = records.filter(
    (record) => matchValues(session.mapping, group, record.source.values, from, to) !== null,
  )
  const answers = await search(
    session,
    group,
    searching.map((record) => record.source),
    from,
    to,
  )
  const hits = searching
    .map((record, index) => ({ record, candidates: answers[index] ?? [] }))
    .filter((hit) => hit.candidates.length > 0)
  if (hits.length === 0) return
  const singles = hits.flatMap((hit) => (hit.candidates.length === 1 ? hit.candidates : []))
  const rivals = await countRivals(session, group, singles, from, to)
  const taken = await session.commits.sync.findTaken(
    session.groups[to],
    to,
    singles.map((single) => single.key),
    -1,
  )
  for (const { record, candidates } of hits) {
    const key = candidates[0]?.key ?? ''
    found.set(record.item.key, { candidates, rivals: rivals.get(key) ?? 1, takenBy: taken.get(key) ?? null })
  }
}

async function countRivals(
  session: RecordView,
  group: MatchGroup,
  candidates: readonly RecordSnapshot[],
  from: Side,
  to: Side,
) {
  const searchable = candidates.filter(
    (candidate) => matchValues(session.mapping, group, candidate.values, to, from) !== null,
  )
  const answers = await search(session, group, searchable, to, from)
  return new Map(searchable.map((candidate, index) => [candidate.key, answers[index]?.length ?? 0] as const))
}

/** Looks for the given records of side `from` on side `to`; the answers are in their order. */
async function search(
  session: RecordView,
  group: MatchGroup,
  records: readonly RecordSnapshot[],
  from: Side,
  to: Side,
): Promise<readonly (readonly RecordSnapshot[])[]> {
  if (records.length === 0) return []
  const compiled = session.mapping[to]
  return session.tables[to].findByMatch({
    fields: compiled.read,
    filter: compiled.filter,
    matchFields: group.fields.map(({ caseSensitive, normalise, ...field }) => ({
      field: field[to],
      caseSensitive,
      normalise,
    })),
    candidates: records.map((record) => matchValues(session.mapping, group, record.values, from, to) ?? []),
    limitPerCandidate: CANDIDATE_LIMIT,
    signal: session.signal,
  })
}
