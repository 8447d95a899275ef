import type { Coupling } from '../../core/coupling/coupling.ts'
import { SyncError } from '../../core/errors.ts'
import type { Side } from '../../core/mapping/definition.ts'
import type { ConnectedTable } from '../../core/ports/connector.ts'
import type { Pair, StoredMapping } from '../../core/ports/mapping-store.ts'
import { parseLiteral } from '../../core/values/convert.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Deps } from '../deps.ts'
import { openTable } from '../line/open-session.ts'
import { findByText, parseKey } from './find-by-text.ts'

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
export async function locateRecord(address: RecordAddress, deps: LocateDeps): Promise<LocatedRecord> {
  const stored = await deps.stores.mappings.getMapping(address.pairId, address.mapping)
  const pair = await deps.stores.mappings.getPair(stored.pairId)
  const signal = new AbortController().signal
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

async function findGone(search: Search, { stores }: LocateDeps): Promise<RecordKey | null> {
  const { stored, table, side, text } = search
  const type = table.schema.fields.get(stored.definition[side].referenceField ?? '')?.type
  const reference = type === undefined ? null : parseLiteral(text, type)
  if (reference?.ok && reference.value !== null) {
    const [named] = await stores.operations.findCouplingsByReference(stored.id, side, [reference.value])
    if (named) return named[side].key
  }
  const key = parseKey(table.schema, text)
  if (key === null) return null
  const couplings = await stores.sync.findCouplings(stored.id, side, [key])
  if (couplings.length > 0) return key
  const keys = side === 'local' ? { localKey: key, remoteKey: null } : { localKey: null, remoteKey: key }
  const ledger = await stores.operations.listHistory({
    mappingId: stored.id,
    ...keys,
    limit: 1,
    before: null,
  })
  return ledger.length > 0 ? key : null
}

async function withPartner(stored: StoredMapping, side: Side, key: RecordKey, { stores }: LocateDeps) {
  const [coupling = null] = await stores.sync.findCouplings(stored.id, side, [key])
  const local = side === 'local' ? key : (coupling?.local.key ?? null)
  const remote = side === 'remote' ? key : (coupling?.remote.key ?? null)
  return { local, remote, coupling }
}
