import type { Coupling } from '../../core/coupling/coupling.ts'
import { SyncError } from '../../core/errors.ts'
import type { Side } from '../../core/mapping/definition.ts'
import { knownKey, knownType } from '../../core/mapping/schema-drift.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { StoredOutcome } from '../../core/ports/operations-store.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Deps } from '../deps.ts'
import { findKnown } from './find-known.ts'
import { locateRecord, type RecordAddress } from './locate-record.ts'

/** How long the systems are asked for a record that Couplet knows nothing of. */
const ASK_MS = 10_000

export interface RecordHistory {
  readonly mapping: string
  readonly local: RecordKey | null
  readonly remote: RecordKey | null
  readonly isCoupled: boolean
  /** Newest first. */
  readonly outcomes: readonly StoredOutcome[]
}

type HistoryDeps = Pick<Deps, 'stores' | 'connect'>

interface Found {
  readonly local: RecordKey | null
  readonly remote: RecordKey | null
  readonly coupling: Coupling | null
}

/**
 * What has happened to one pair of records: the outcomes of both directions with their field changes. A record that is not
 * coupled any more is followed to the partner it had last. The systems are asked only for what Couplet knows nothing of.
 */
export async function readHistory(
  address: RecordAddress & { readonly limit: number; readonly before: number | null },
  deps: HistoryDeps,
): Promise<RecordHistory> {
  const stored = await deps.stores.mappings.getMapping(address.pairId, address.mapping)
  const { local, remote, coupling } =
    (await findRemembered(address, stored, deps)) ?? (await findInSystems(address, deps))
  const own = { mappingId: stored.id, localKey: local, remoteKey: remote }
  // Whatever the page: all pages are about the same records.
  const keys = coupling === null ? await withLastPartner(own, deps) : own
  const { limit, before } = address
  return {
    mapping: stored.definition.name,
    local: keys.localKey,
    remote: keys.remoteKey,
    isCoupled: coupling !== null,
    outcomes: await deps.stores.operations.listHistory({ ...keys, limit, before }),
  }
}

async function findRemembered(
  address: RecordAddress,
  { id, definition }: StoredMapping,
  deps: HistoryDeps,
): Promise<Found | null> {
  const schemas = await deps.stores.mappings.findKnownSchemas(id)
  const sides: readonly Side[] = address.side === null ? ['local', 'remote'] : [address.side]
  for (const side of sides) {
    const schema = schemas[side] ?? {}
    const keyTypes = knownKey(schema)
    const referenceType = knownType(schema, definition[side].referenceField)
    const name = { mappingId: id, side, text: address.text, keyTypes, referenceType }
    const known = await findKnown(name, deps)
    if (known === null) continue
    const { key, coupling } = known
    const alone = { local: null, remote: null, [side]: key }
    return coupling === null
      ? { ...alone, coupling }
      : { local: coupling.local.key, remote: coupling.remote.key, coupling }
  }
  return null
}

async function findInSystems(address: RecordAddress, deps: HistoryDeps): Promise<Found> {
  const limit = AbortSignal.timeout(ASK_MS)
  try {
    return await locateRecord(address, deps, limit)
  } catch (error) {
    if (!limit.aborted) throw error
    const message = `Nothing has happened to a record ${address.text} of mapping ${address.mapping} yet, and its systems did not say in time whether there is one`
    throw new SyncError('ANSWER_TIMEOUT', message, { cause: error })
  }
}

interface Keys {
  readonly mappingId: number
  readonly localKey: RecordKey | null
  readonly remoteKey: RecordKey | null
}

async function withLastPartner(keys: Keys, { stores }: HistoryDeps): Promise<Keys> {
  const [last] = await stores.operations.listHistory({ ...keys, isOfBoth: true, limit: 1, before: null })
  return {
    ...keys,
    localKey: keys.localKey ?? last?.localKey ?? null,
    remoteKey: keys.remoteKey ?? last?.remoteKey ?? null,
  }
}
