import { destinationSide, type Side } from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { IntendedWrite } from '../../core/ports/sync-store.ts'
import { holdsWhatWasSent } from '../../core/sync/normalised.ts'
import { encodeKey, type RecordKey } from '../../core/values/key.ts'
import type { DoubtfulRecord, RecordView } from '../line/session.ts'
import type { LookFrame, OpenRecord } from './page.ts'

/**
 * A write that gives the partner another key, and whose page was lost: the coupling still names the old key, the
 * partner has the new one. Found under the key the intent's values make, it is the partner, and not gone. Under the old key
 * there may be another record by now, to which the same page has handed the key on: that one has another version than the
 * partner had, and the record under the new key holds what was sent.
 */
export async function readRenamedPartners(
  session: RecordView,
  frame: LookFrame,
  open: readonly OpenRecord[],
  partners: ReadonlyMap<RecordKey, RecordSnapshot>,
): Promise<ReadonlyMap<RecordKey, RecordSnapshot>> {
  const side = destinationSide[frame.direction]
  const renamings = new Map<RecordKey, readonly Renaming[]>()
  for (const { item, coupling } of open) {
    const doubtful = session.doubtful[frame.direction].get(item.key)
    if (coupling === null || doubtful === undefined) continue
    const there = partners.get(coupling[side].key)
    const possible = findRenamings(session, side, doubtful).filter(
      ({ write }) => there?.version !== write.expectedVersion,
    )
    renamings.set(coupling[side].key, possible)
  }
  const keys = [...renamings.values()].flat().map(({ key }) => key)
  if (keys.length === 0) return partners
  const found = await session.tables[side].readByKeys(keys, session.mapping[side].read, session.signal)
  const all = new Map(partners)
  for (const [oldKey, possible] of renamings) {
    const records = possible.flatMap(({ key, write }) => {
      const record = found.get(key)
      const isIt = record && (!partners.has(oldKey) || holdsWhatWasSent(write.values, record.values))
      return isIt ? [record] : []
    })
    if (records[0]) all.set(oldKey, records[0])
  }
  return all
}

interface Renaming {
  readonly key: RecordKey
  readonly write: IntendedWrite
}

/** The keys that doubtful updates of this side have given the record, the last one first; a creation makes another record. */
function findRenamings(
  session: RecordView,
  side: Side,
  doubtful: readonly DoubtfulRecord[],
): readonly Renaming[] {
  const { keyFields } = session.mapping[side].schema
  return doubtful
    .filter(({ doubtful: { side: written }, write }) => written === side && write.token === null)
    .flatMap(({ write }) => {
      const parts = keyFields.map((field) => write.values[field] ?? null)
      return parts.includes(null) ? [] : [{ key: encodeKey(parts), write }]
    })
}
