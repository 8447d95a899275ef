import { destinationSide, type Side } from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import { encodeKey, type RecordKey } from '../../core/values/key.ts'
import type { DoubtfulRecord, RecordView } from '../line/session.ts'
import type { LookFrame, OpenRecord } from './page.ts'

/**
 * A write that gives the partner another key, and whose page was lost: the coupling still names the old key, the
 * partner has the new one. Found under the key the intent's values make, it is the partner, and not gone.
 */
export async function readRenamedPartners(
  session: RecordView,
  frame: LookFrame,
  open: readonly OpenRecord[],
  partners: ReadonlyMap<RecordKey, RecordSnapshot>,
): Promise<ReadonlyMap<RecordKey, RecordSnapshot>> {
  const side = destinationSide[frame.direction]
  const newKeys = new Map<RecordKey, readonly RecordKey[]>()
  for (const { item, coupling } of open) {
    const doubtful = session.doubtful[frame.direction].get(item.key)
    if (coupling === null || partners.has(coupling[side].key) || doubtful === undefined) continue
    newKeys.set(coupling[side].key, sentKeys(session, side, doubtful))
  }
  const keys = [...newKeys.values()].flat()
  if (keys.length === 0) return partners
  const found = await session.tables[side].readByKeys(keys, session.mapping[side].read, session.signal)
  const all = new Map(partners)
  for (const [oldKey, candidates] of newKeys) {
    const record = candidates.map((key) => found.get(key)).find((each) => each !== undefined)
    if (record) all.set(oldKey, record)
  }
  return all
}

/** The keys that doubtful updates of this side have given the record, the last one first; a creation makes another record. */
function sentKeys(
  session: RecordView,
  side: Side,
  doubtful: readonly DoubtfulRecord[],
): readonly RecordKey[] {
  const { keyFields } = session.mapping[side].schema
  return doubtful
    .filter(({ doubtful: { side: written }, write }) => written === side && write.token === null)
    .map((entry) => keyFields.map((field) => entry.doubtful.values[field] ?? null))
    .filter((parts) => !parts.includes(null))
    .map(encodeKey)
}
