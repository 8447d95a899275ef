import { createHash } from 'node:crypto'
import { decodeKey, type RecordKey } from '../../../src/core/values/key.ts'
import { rawOf } from '../../../src/core/values/value.ts'
import type { WireKeys } from './renamed-connector.ts'

/**
 * Ids for the keys of the contract, which may be of any type: the same key always has the same one, and they order like the
 * first letters of the keys, as SQL Server orders ids.
 */
export class ContractKeys implements WireKeys {
  private readonly keys = new Map<string, RecordKey>()

  idOf(key: RecordKey): string {
    const raw = decodeKey(key).map(rawOf).join()
    const hex = createHash('sha256').update(key).digest('hex')
    const first = Buffer.from(raw.normalize('NFC')).subarray(0, 6).toString('hex').padEnd(12, '0')
    const id = key.startsWith('uuid:')
      ? raw
      : `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${first}`
    this.keys.set(id, key)
    return id
  }

  toWire(key: RecordKey): RecordKey {
    return `uuid:${this.idOf(key)}`
  }

  toContract(wire: RecordKey): RecordKey {
    return this.keys.get(rawOf(decodeKey(wire)[0] ?? null)) ?? wire
  }
}
