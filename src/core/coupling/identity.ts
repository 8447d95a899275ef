import { hash } from 'node:crypto'
import type { Side } from '../mapping/definition.ts'
import { decodeKey, encodeKey, type RecordKey } from '../values/key.ts'
import { tagged } from '../values/value.ts'

export interface CreationIdentity {
  readonly pairId: number
  readonly mappingId: number
  /** Side on which the record is created. */
  readonly side: Side
  readonly sourceKey: RecordKey
  /** Raised by uncoupling and restoring: a new counterpart is a new record. */
  readonly generation: number
}

/**
 * Idempotency token of a creation: the same record of the same mapping and generation always has the same one, whoever
 * tries, however often (architecture.md §4.3).
 */
export function creationToken(identity: CreationIdentity): string {
  const { pairId, mappingId, side, generation, sourceKey } = identity
  return hash('sha256', `couplet/${pairId}/${mappingId}/${side}/${generation}/${sourceKey}`, 'hex')
}

/** The uuid (version 8: "custom") a token stands for, as a record key. */
export function derivedKey(token: string): RecordKey {
  const variant = ((Number.parseInt(token.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
  const parts = [
    token.slice(0, 8),
    token.slice(8, 12),
    `8${token.slice(13, 16)}`,
    `${variant}${token.slice(17, 20)}`,
    token.slice(20, 32),
  ]
  return encodeKey([tagged('uuid', parts.join('-'))])
}

/** True for a key that was derived from a token, by whichever installation. */
export function isDerivedKey(key: RecordKey): boolean {
  const [only, ...more] = decodeKey(key)
  return more.length === 0 && only != null && /^uuid:.{14}8/.test(only)
}
