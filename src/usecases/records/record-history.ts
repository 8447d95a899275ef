import type { StoredOutcome } from '../../core/ports/operations-store.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Deps } from '../deps.ts'
import { locateRecord, type RecordAddress } from './locate-record.ts'

export interface RecordHistory {
  readonly mapping: string
  readonly local: RecordKey | null
  readonly remote: RecordKey | null
  readonly isCoupled: boolean
  /** Newest first. */
  readonly outcomes: readonly StoredOutcome[]
}

/**
 * What has happened to one pair of records: the outcomes of both directions with their field changes. A record that is
 * not coupled any more is followed to the partner it had last.
 */
export async function readHistory(
  address: RecordAddress & { readonly limit: number; readonly before: number | null },
  deps: Pick<Deps, 'stores' | 'connect'>,
): Promise<RecordHistory> {
  const { stored, local, remote, coupling } = await locateRecord(address, deps)
  const query = { mappingId: stored.id, limit: address.limit, before: address.before }
  const own = await deps.stores.operations.listHistory({ ...query, localKey: local, remoteKey: remote })
  const last = own.find(({ localKey, remoteKey }) => localKey !== null && remoteKey !== null)
  const keys = { localKey: local ?? last?.localKey ?? null, remoteKey: remote ?? last?.remoteKey ?? null }
  const isWider = keys.localKey !== local || keys.remoteKey !== remote
  return {
    mapping: stored.definition.name,
    local: keys.localKey,
    remote: keys.remoteKey,
    isCoupled: coupling !== null,
    outcomes: isWider ? await deps.stores.operations.listHistory({ ...query, ...keys }) : own,
  }
}
