import type { Coupling } from '../../core/coupling/coupling.ts'
import type { Side } from '../../core/mapping/definition.ts'
import type { FieldType } from '../../core/mapping/schema.ts'
import { parseLiteral } from '../../core/values/convert.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Deps } from '../deps.ts'
import { parseTypedKey } from './find-by-text.ts'

/** What a person calls a record of one side of a mapping. */
export interface KnownName {
  readonly mappingId: number
  readonly side: Side
  readonly text: string
  /** Of the fields of its key; empty where nobody knows them. */
  readonly keyTypes: readonly FieldType[]
  readonly referenceType: FieldType | undefined
}

export interface KnownRecord {
  readonly key: RecordKey
  readonly coupling: Coupling | null
}

/** The record that is coupled under this name, or that the ledger remembers; asks no system. */
export async function findKnown(
  { mappingId, side, text, keyTypes, referenceType }: KnownName,
  { stores }: Pick<Deps, 'stores'>,
): Promise<KnownRecord | null> {
  const key = keyTypes.length === 0 ? null : parseTypedKey(keyTypes, text)
  if (key !== null) {
    const [coupling] = await stores.sync.findCouplings(mappingId, side, [key])
    if (coupling) return { key, coupling }
  }
  const reference = referenceType === undefined ? null : parseLiteral(text, referenceType)
  if (reference?.ok && reference.value !== null) {
    const [coupling] = await stores.operations.findCouplingsByReference(mappingId, side, [reference.value])
    if (coupling) return { key: coupling[side].key, coupling }
  }
  if (key === null) return null
  const keys = side === 'local' ? { localKey: key, remoteKey: null } : { localKey: null, remoteKey: key }
  const ledger = await stores.operations.listHistory({ mappingId, ...keys, limit: 1, before: null })
  return ledger.length > 0 ? { key, coupling: null } : null
}
