import type { CouplingBases } from '../../core/coupling/coupling.ts'
import { destinationSide, sourceSide } from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { KnownDeletion } from '../../core/ports/deletion-store.ts'
import { type DeletionFacts, isEditedSince, type Survivor } from '../../core/sync/deletion.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { LineSession } from '../line/session.ts'
import { hasBegunRestore } from './complete-creation.ts'
import type { GoneRecord, PageFrame } from './page.ts'

/** A coupling that has lost a record, with all there is to know about it. */
export interface DeletionCase {
  readonly gone: GoneRecord
  readonly facts: DeletionFacts
  /** The job with whose set the brake holds it since an earlier look, or null. */
  readonly heldBy: number | null
  /** Its deletion stands in an issue of the partner already. */
  readonly isKnownAtPartner: boolean
}

/** The other record of those that are gone, the bases it is compared with, and what people have chosen: for a whole page. */
export async function gatherDeletions(
  session: LineSession,
  frame: PageFrame,
  gone: readonly GoneRecord[],
): Promise<readonly DeletionCase[]> {
  await session.commits.settled()
  const keys = gone.map(({ item }) => item.key)
  const known = await session.deps.stores.deletions.findKnown(session.mapping.id, frame.direction, keys)
  const withoutSource = gone.filter(({ judged }) => judged === null)
  const partnerOf = await findPartners(session, frame, withoutSource)
  const opposite = frame.direction === 'to' ? 'from' : 'to'
  const knownAtPartner = await session.deps.stores.deletions.findKnown(
    session.mapping.id,
    opposite,
    withoutSource.map(({ coupling }) => coupling[destinationSide[frame.direction]].key),
  )
  return gone.map((each) => ({
    ...toCase(session, frame, each, partnerOf(each), known.get(each.item.key)),
    isKnownAtPartner: knownAtPartner.has(each.coupling[destinationSide[frame.direction]].key),
  }))
}

function toCase(
  session: LineSession,
  frame: PageFrame,
  gone: GoneRecord,
  partner: Survivor | null,
  known: KnownDeletion | undefined,
): Omit<DeletionCase, 'isKnownAtPartner'> {
  const { item, coupling, judged } = gone
  const side = sourceSide[frame.direction]
  const survivor = judged ? survivorOf(session, side, judged.facts.source, judged.facts.bases) : partner
  const doubtful = session.doubtful[frame.direction].get(item.key) ?? []
  const begun = doubtful.flatMap(({ write }) => write.deletion?.kind ?? [])
  const restores = hasBegunRestore(session, frame, item.key, coupling) ? (['restore'] as const) : []
  return {
    gone,
    facts: {
      keys: { local: coupling.local.key, remote: coupling.remote.key },
      survivor,
      resolution: known?.resolution ?? null,
      begun: new Set([...begun, ...restores]),
    },
    heldBy: known?.heldBy ?? null,
  }
}

/** What is left of the pairs whose source is gone. */
async function findPartners(
  session: LineSession,
  frame: PageFrame,
  gone: readonly GoneRecord[],
): Promise<(each: GoneRecord) => Survivor | null> {
  if (gone.length === 0) return () => null
  const side = destinationSide[frame.direction]
  const keys = gone.map(({ coupling }) => coupling[side].key)
  const found: ReadonlyMap<RecordKey, RecordSnapshot> = await session.tables[side].readByKeys(
    keys,
    session.mapping[side].read,
    session.signal,
  )
  const bases = await session.commits.sync.loadBases(gone.map(({ coupling }) => coupling.id))
  return ({ coupling, judged }) => {
    const record = judged === null ? found.get(coupling[side].key) : undefined
    return record ? survivorOf(session, side, record, bases.get(coupling.id) ?? null) : null
  }
}

function survivorOf(
  session: LineSession,
  side: Survivor['side'],
  record: RecordSnapshot,
  bases: CouplingBases | null,
): Survivor {
  return { side, record, isEdited: isEditedSince(session.mapping[side], record, bases?.[side] ?? null) }
}
