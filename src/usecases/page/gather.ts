import type { Coupling } from '../../core/coupling/coupling.ts'
import type { UncoupledPair } from '../../core/coupling/uncoupling.ts'
import { destinationSide, sourceSide } from '../../core/mapping/definition.ts'
import { matchesFilter } from '../../core/mapping/filter-match.ts'
import type { ResolvedReferences } from '../../core/mapping/transfer.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { MatchResult, RecordFacts } from '../../core/sync/facts.ts'
import { fingerprint } from '../../core/sync/fingerprint.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { type RecordView, step } from '../line/session.ts'
import { findMatches } from './matching.ts'
import { findNamesakes } from './namesakes.ts'
import type { JudgedRecord, LookFrame, OpenRecord, RecordResult } from './page.ts'
import { type RecordPair, resolvePartnerReferences, resolveReferences } from './references.ts'
import { readRenamedPartners } from './renamed-partners.ts'
import { quietResult } from './results.ts'

/** Everything there is to know about the open records of a page: references, partners, candidates, bases. */
export async function gatherFacts(
  session: RecordView,
  frame: LookFrame,
  open: readonly OpenRecord[],
): Promise<{ readonly judged: readonly JudgedRecord[]; readonly settled: readonly RecordResult[] }> {
  if (open.length === 0) return { judged: [], settled: [] }
  await step(session, 'references', frame.number)
  const references = await resolveReferences(session, frame, open)
  await step(session, 'partners', frame.number)
  const unsure = await withoutSameVersions(session, frame, open, references)
  const coupled = await readPartners(session, frame, unsure)
  const partners = await readRenamedPartners(session, frame, unsure, coupled)
  const different = unsure.filter(
    (record) => !isSameOnBothSides(session, frame, record, partners, references),
  )
  const judged = new Set(different)
  return {
    judged: await completeFacts(session, frame, different, partners, references),
    settled: open
      .filter((record) => !judged.has(record))
      .map((record) => quietResult(record.item, 'unchanged', frame.direction)),
  }
}

/** A full compare asks for the partners' versions first: where they prove that nothing has changed, values need not travel. */
async function withoutSameVersions(
  session: RecordView,
  frame: LookFrame,
  open: readonly OpenRecord[],
  references: ResolvedReferences,
): Promise<readonly OpenRecord[]> {
  const side = destinationSide[frame.direction]
  if (!frame.isFullCompare || !session.mapping[side].schema.exactVersions) return open
  const partners = await readPartners(session, frame, open, [])
  return open.filter((record) => {
    const known = record.coupling?.[side]
    const hasVersion = known !== undefined && partners.get(known.key)?.version === known.version
    return !hasVersion || !isSameOnBothSides(session, frame, record, partners, references)
  })
}

async function completeFacts(
  session: RecordView,
  frame: LookFrame,
  records: readonly OpenRecord[],
  partners: ReadonlyMap<RecordKey, RecordSnapshot>,
  references: ResolvedReferences,
): Promise<readonly JudgedRecord[]> {
  const uncoupled = records.filter((record) => record.coupling === null)
  const namesakes = await findNamesakes(session, frame, uncoupled)
  const memory = await findMemory(session, frame, uncoupled)
  const matches = await findMatches(session, frame, uncoupled, memory)
  const taken = await findTakenSources(session, frame, uncoupled)
  const couplingIds = records.flatMap((record) => (record.coupling ? [record.coupling.id] : []))
  const bases = couplingIds.length > 0 ? await session.commits.sync.loadBases(couplingIds) : new Map()
  const pairs = pairsOf(frame, records, partners, matches)
  const partnerReferences = await resolvePartnerReferences(session, frame, pairs)
  const side = session.mapping[sourceSide[frame.direction]]
  return records.map(({ item, source, coupling }): JudgedRecord => {
    const facts: RecordFacts = {
      source,
      coupling,
      bases: coupling ? (bases.get(coupling.id) ?? null) : null,
      partner: coupling ? (partners.get(coupling[destinationSide[frame.direction]].key) ?? null) : null,
      references,
      partnerReferences,
      match: matches.get(item.key) ?? null,
      namesake: namesakes.get(item.key) ?? null,
      sourceTakenBy: taken.get(item.key) ?? null,
      memory: memory.get(item.key) ?? [],
      doubtful: (session.doubtful[frame.direction].get(item.key) ?? []).map((entry) => entry.doubtful),
      isRequested: item.isRequested,
      resolution: item.resolution,
      isReleased: item.isReleased,
      sourceWins: item.sourceWins,
      isInFilter: side.filter === null || matchesFilter(side.filter, source.values, side.schema.fields),
    }
    return { item, facts }
  })
}

/** The records with the partner they are coupled to, or may be. */
function pairsOf(
  frame: LookFrame,
  records: readonly OpenRecord[],
  partners: ReadonlyMap<RecordKey, RecordSnapshot>,
  matches: ReadonlyMap<RecordKey, MatchResult>,
): readonly RecordPair[] {
  return records.flatMap(({ item, source, coupling }) => {
    const partner = coupling
      ? partners.get(coupling[destinationSide[frame.direction]].key)
      : matches.get(item.key)?.candidates[0]
    return partner ? [{ source, partner }] : []
  })
}

/** Which of the uncoupled records another mapping of their exclusivity group has coupled. */
async function findTakenSources(
  session: RecordView,
  frame: LookFrame,
  uncoupled: readonly OpenRecord[],
): Promise<ReadonlyMap<RecordKey, string>> {
  const side = sourceSide[frame.direction]
  if (uncoupled.length === 0 || !session.isShared[side]) return new Map()
  const keys = uncoupled.map((record) => record.item.key)
  return session.commits.sync.findTaken(session.groups[side], side, keys, session.mapping.id)
}

/** What is remembered of the uncoupled records. */
export async function findMemory(
  session: RecordView,
  frame: LookFrame,
  uncoupled: readonly OpenRecord[],
): Promise<ReadonlyMap<RecordKey, readonly UncoupledPair[]>> {
  if (uncoupled.length === 0) return new Map()
  const keys = uncoupled.map((record) => record.item.key)
  return session.commits.sync.findUncoupled(session.mapping.id, sourceSide[frame.direction], keys)
}

/** The coupled records of the other side, in one request; with all fields the mapping reads unless others are named. */
async function readPartners(
  session: RecordView,
  frame: LookFrame,
  records: readonly Pick<OpenRecord, 'coupling'>[],
  fields: readonly string[] = session.mapping[destinationSide[frame.direction]].read,
): Promise<ReadonlyMap<RecordKey, RecordSnapshot>> {
  const side = destinationSide[frame.direction]
  const keys = records.flatMap((record) => (record.coupling ? [record.coupling[side].key] : []))
  if (keys.length === 0) return new Map()
  return session.tables[side].readByKeys(keys, fields, session.signal)
}

/** Full compare: both sides still are what the coupling remembers, and every reference still leads to the same record. */
function isSameOnBothSides(
  session: RecordView,
  frame: LookFrame,
  { item, source, coupling }: OpenRecord,
  partners: ReadonlyMap<RecordKey, RecordSnapshot>,
  references: ResolvedReferences,
): boolean {
  if (coupling === null || session.doubtful[frame.direction].has(item.key)) return false
  // The comparison takes the mark away, also from records that nobody has touched since the backup.
  if (coupling.isRestored) return false
  if (coupling.mappingVersion !== session.mapping.version) return false
  const partner = partners.get(coupling[destinationSide[frame.direction]].key)
  if (partner === undefined || coupling.local.version === null || coupling.remote.version === null)
    return false
  const isTo = frame.direction === 'to'
  const sides = { local: isTo ? source : partner, remote: isTo ? partner : source } as const
  return (
    isAsRemembered(session, 'local', sides.local, coupling) &&
    isAsRemembered(session, 'remote', sides.remote, coupling) &&
    areReferencesSame(session, frame, source, coupling.references, references)
  )
}

function isAsRemembered(
  session: RecordView,
  side: 'local' | 'remote',
  record: RecordSnapshot,
  coupling: Coupling,
): boolean {
  const known = coupling[side]
  const compiled = session.mapping[side]
  if (compiled.schema.exactVersions && known.version === record.version) return true
  return known.fingerprint !== null && known.fingerprint === fingerprint(record.values, compiled.tracked)
}

function areReferencesSame(
  session: RecordView,
  frame: LookFrame,
  source: RecordSnapshot,
  remembered: Readonly<Record<string, string | null>>,
  references: ResolvedReferences,
): boolean {
  return session.mapping.transfers[frame.direction].every((transfer) => {
    if (transfer.reference === null || transfer.source === null) return true
    const value = source.values[transfer.source.name] ?? null
    const now = value === null ? undefined : references.get(transfer.reference.mapping)?.get(value)
    return now === undefined || now === remembered[transfer.name]
  })
}
