import { destinationSide } from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import { encodeKey, type RecordKey } from '../../core/values/key.ts'
import type { LineSession } from '../line/session.ts'
import type { OpenRecord, PageFrame } from './page.ts'

/**
 * A write that gives the partner another key, and whose page was lost: the coupling still names the old key, the
 * partner has the new one. Found under the key the intent's values make, it is the partner, and not gone.
 */
export async function readRenamedPartners(
  session: LineSession,
  frame: PageFrame,
  open: readonly OpenRecord[],
  partners: ReadonlyMap<RecordKey, RecordSnapshot>,
): Promise<ReadonlyMap<RecordKey, RecordSnapshot>> {
  const side = destinationSide[frame.direction]
  const newKeys = new Map<RecordKey, RecordKey>()
  for (const { item, coupling } of open) {
    const doubtful = session.doubtful[frame.direction].get(item.key)?.doubtful
    if (coupling === null || partners.has(coupling[side].key) || doubtful?.side !== side) continue
    const parts = session.mapping[side].schema.keyFields.map((field) => doubtful.values[field] ?? null)
    if (!parts.includes(null)) newKeys.set(coupling[side].key, encodeKey(parts))
  }
  if (newKeys.size === 0) return partners
  const found = await session.tables[side].readByKeys(
    [...newKeys.values()],
    session.mapping[side].read,
    session.signal,
  )
  const all = new Map(partners)
  for (const [oldKey, newKey] of newKeys) {
    const record = found.get(newKey)
    if (record) all.set(oldKey, record)
  }
  return all
}
