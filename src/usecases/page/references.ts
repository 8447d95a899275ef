import { sourceSide } from '../../core/mapping/definition.ts'
import type { ResolvedReferences } from '../../core/mapping/transfer.ts'
import { isBlank } from '../../core/values/value.ts'
import type { RecordView } from '../line/session.ts'
import type { LookFrame, OpenRecord } from './page.ts'

/** Translates every reference of the page through the couplings: one query per referenced mapping (domain.md §8.4). */
export async function resolveReferences(
  session: RecordView,
  frame: LookFrame,
  records: readonly OpenRecord[],
): Promise<ResolvedReferences> {
  const wanted = collectReferences(session, frame, records)
  const side = sourceSide[frame.direction]
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
