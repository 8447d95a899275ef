import { destinationSide, type Side, sourceSide } from '../../core/mapping/definition.ts'
import type { ResolvedReferences } from '../../core/mapping/transfer.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import { isBlank } from '../../core/values/value.ts'
import type { RecordView } from '../line/session.ts'
import type { LookFrame, OpenRecord } from './page.ts'

/** Translates every reference of the page through the couplings: one query per referenced mapping (domain.md §8.4). */
export function resolveReferences(
  session: RecordView,
  frame: LookFrame,
  records: readonly OpenRecord[],
): Promise<ResolvedReferences> {
  return translate(session, sourceSide[frame.direction], collectReferences(session, frame, records))
}

/**
 * References of the partners that an empty one of the source would wipe out, where it may only be unknown there: one
 * query per referenced mapping, and only when there are any.
 */
export function resolvePartnerReferences(
  session: RecordView,
  frame: LookFrame,
  pairs: readonly RecordPair[],
): Promise<ResolvedReferences> {
  const wanted = new Map<string, Set<string>>()
  for (const { source, destination, ...transfer } of session.mapping.transfers[frame.direction]) {
    if (transfer.reference === null || source === null || !transfer.twoWay || !transfer.clearOnFailedSync)
      continue
    const values = wanted.get(transfer.reference.mapping) ?? new Set<string>()
    for (const pair of pairs) {
      const value = pair.partner.values[destination.name] ?? null
      if (value !== null && !isBlank(value) && isBlank(pair.source.values[source.name] ?? null))
        values.add(value)
    }
    wanted.set(transfer.reference.mapping, values)
  }
  return translate(session, destinationSide[frame.direction], wanted)
}

export interface RecordPair {
  readonly source: RecordSnapshot
  readonly partner: RecordSnapshot
}

/** By mapping and the reference as `side` writes it: what the other side calls that record. */
async function translate(
  session: RecordView,
  side: Side,
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<ResolvedReferences> {
  const resolved = new Map<string, ReadonlyMap<string, string>>()
  for (const [mapping, values] of wanted) {
    const mappingId = session.mappingIds.get(mapping)
    if (mappingId === undefined || values.size === 0) continue
    const found = await session.commits.sync.resolveReferences(mappingId, side, [...values])
    const translated = new Map<string, string>()
    for (const [reference, both] of found)
      translated.set(reference, side === 'local' ? both.remote : both.local)
    resolved.set(mapping, translated)
  }
  return resolved
}

function collectReferences(
  session: RecordView,
  frame: LookFrame,
  records: readonly OpenRecord[],
): Map<string, Set<string>> {
  const wanted = new Map<string, Set<string>>()
  for (const { source, reference } of session.mapping.transfers[frame.direction]) {
    if (reference === null || source === null) continue
    const values = wanted.get(reference.mapping) ?? new Set<string>()
    for (const record of records) {
      const value = record.source.values[source.name] ?? null
      if (value !== null && !isBlank(value) && value !== reference.blankSource) values.add(value)
    }
    wanted.set(reference.mapping, values)
  }
  return wanted
}
