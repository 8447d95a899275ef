import type { Coupling } from '../../core/coupling/coupling.ts'
import { SyncError } from '../../core/errors.ts'
import type { Side } from '../../core/mapping/definition.ts'
import type { ConnectedTable } from '../../core/ports/connector.ts'
import type { Pair, StoredMapping } from '../../core/ports/mapping-store.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Deps } from '../deps.ts'
import { openTable } from '../line/open-session.ts'
import { findByText, keyTypes } from './find-by-text.ts'
import { findKnown } from './find-known.ts'

export interface RecordAddress {
  readonly pairId: number
  readonly mapping: string
  /** Key or reference (No., Code, GUID) of either side, as people write it. */
  readonly text: string
  /** Null: the local side is asked first. */
  readonly side: Side | null
}

/** The one pair of records that a person means; a side that nobody knows is null. */
export interface LocatedRecord {
  readonly stored: StoredMapping
  readonly pair: Pair
  readonly tables: { readonly local: ConnectedTable; readonly remote: ConnectedTable }
  /** The side the text was found on. */
  readonly side: Side
  readonly local: RecordKey | null
  readonly remote: RecordKey | null
  readonly coupling: Coupling | null
}

type LocateDeps = Pick<Deps, 'stores' | 'connect'>

/**
 * Finds what a person means by a text: a record that exists, else one that has gone and is still coupled, or that the
 * ledger remembers. Throws MAPPING_UNKNOWN, RECORD_NOT_FOUND.
 */
export async function locateRecord(
  address: RecordAddress,
  deps: LocateDeps,
  signal: AbortSignal = new AbortController().signal,
): Promise<LocatedRecord> {
  const stored = await deps.stores.mappings.getMapping(address.pairId, address.mapping)
  const pair = await deps.stores.mappings.getPair(stored.pairId)
  const tables = {
    local: await openTable(deps, stored, pair, 'local', signal),
    remote: await openTable(deps, stored, pair, 'remote', signal),
  }
  const sides: readonly Side[] = address.side === null ? ['local', 'remote'] : [address.side]
  for (const find of [findLive, findGone]) {
    for (const side of sides) {
      const key = await find({ stored, table: tables[side], side, text: address.text, signal }, deps)
      if (key !== null) return { stored, pair, tables, side, ...(await withPartner(stored, side, key, deps)) }
    }
  }
  const where = address.side === null ? 'on either side' : `on the ${address.side} side`
  throw new SyncError('RECORD_NOT_FOUND', `Mapping ${address.mapping}: no record ${where} is ${address.text}`)
}

interface Search {
  readonly stored: StoredMapping
  readonly table: ConnectedTable
  readonly side: Side
  readonly text: string
  readonly signal: AbortSignal
}

async function findLive({ stored, table, side, text, signal }: Search): Promise<RecordKey | null> {
  const hits = await findByText(table, stored.definition[side].referenceField, [text], signal)
  return hits.get(text) ?? null
}

async function findGone({ stored, table, side, text }: Search, deps: LocateDeps): Promise<RecordKey | null> {
  const typeOf = (field: string | undefined) => table.schema.fields.get(field ?? '')?.type
  const known = await findKnown(
    {
      mappingId: stored.id,
      side,
      text,
      keyTypes: keyTypes(table.schema),
      referenceType: typeOf(stored.definition[side].referenceField),
    },
    deps,
  )
  return known?.key ?? null
}

async function withPartner(stored: StoredMapping, side: Side, key: RecordKey, { stores }: LocateDeps) {
  const [coupling = null] = await stores.sync.findCouplings(stored.id, side, [key])
  const local = side === 'local' ? key : (coupling?.local.key ?? null)
  const remote = side === 'remote' ? key : (coupling?.remote.key ?? null)
  return { local, remote, coupling }
}
