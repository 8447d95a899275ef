import { chooseHit, countClaims, judgeHit, type MatchHit } from '../../core/coupling/judge-match.ts'
import { matchValues } from '../../core/coupling/match-key.ts'
import type { UncoupledPair } from '../../core/coupling/uncoupling.ts'
import type { MatchGroup } from '../../core/mapping/compile.ts'
import { destinationSide, type Side, sourceSide } from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { MatchResult } from '../../core/sync/facts.ts'
import { hitOf } from '../../core/sync/plan.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { RecordView } from '../line/session.ts'
import type { LookFrame, OpenRecord } from './page.ts'

/** More candidates than this are as ambiguous as two; the rest is not read. */
const CANDIDATE_LIMIT = 5

/** What one group has found for a record. */
interface Found extends MatchHit {
  readonly match: MatchResult
}

type Memory = ReadonlyMap<RecordKey, readonly UncoupledPair[]>

/**
 * Searches partners for uncoupled records by the match fields of the mapping. Groups are independent, as in match-based
 * coupling (domain.md §12.3): a record is searched in each until one has found a unique match. Symmetric: a candidate that
 * other source records match too is ambiguous. Two searches per group and page, whatever the number of records.
 */
export async function findMatches(
  session: RecordView,
  frame: LookFrame,
  records: readonly OpenRecord[],
  memory: Memory,
): Promise<ReadonlyMap<RecordKey, MatchResult>> {
  const hits = new Map<RecordKey, readonly Found[]>(records.map(({ item }) => [item.key, []]))
  const hitsOf = ({ item }: OpenRecord) => hits.get(item.key) ?? []
  for (const group of session.mapping.matchGroups) {
    const open = records.filter((record) => !hitsOf(record).some((hit) => judgeHit(hit) === 'unique'))
    if (open.length === 0) break
    for (const { record, match } of await searchGroup(session, frame, group, open)) {
      const hit = hitOf(match, memory.get(record.item.key) ?? [], frame.direction)
      hits.set(record.item.key, [...hitsOf(record), { ...hit, match }])
    }
  }
  const chosen = [...hits].flatMap(([key, found]): [RecordKey, Found][] => {
    const hit = chooseHit(found)
    return hit === null ? [] : [[key, hit]]
  })
  return withClaims(new Map(chosen))
}

/** A candidate that several records of the page claim, by whatever group or spelling, belongs to none of them. */
function withClaims(chosen: ReadonlyMap<RecordKey, Found>): ReadonlyMap<RecordKey, MatchResult> {
  const candidateOf = ({ match }: Found) => match.candidates[0]?.key ?? ''
  const claims = countClaims(chosen.values(), candidateOf)
  return new Map(
    [...chosen].map(([key, hit]) => {
      const claimed = judgeHit(hit) === 'unique' ? (claims.get(candidateOf(hit)) ?? 0) : 0
      return [key, { ...hit.match, rivals: Math.max(hit.match.rivals, claimed) }]
    }),
  )
}

async function searchGroup(
  session: RecordView,
  frame: LookFrame,
  group: MatchGroup,
  records: readonly OpenRecord[],
): Promise<readonly { readonly record: OpenRecord; readonly match: MatchResult }[]> {
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
  if (hits.length === 0) return []
  const singles = hits.flatMap((hit) => (hit.candidates.length === 1 ? hit.candidates : []))
  const rivals = await countRivals(session, group, singles, from, to)
  const taken = await session.commits.sync.findTaken(
    session.groups[to],
    to,
    singles.map((single) => single.key),
    -1,
  )
  return hits.map(({ record, candidates }) => {
    const key = candidates[0]?.key ?? ''
    return { record, match: { candidates, rivals: rivals.get(key) ?? 1, takenBy: taken.get(key) ?? null } }
  })
}

/** How many records of side `from` match each of these records of side `to`, by its key. */
export async function countRivals(
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
export async function search(
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
