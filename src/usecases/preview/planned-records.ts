import type { Side } from '../../core/mapping/definition.ts'
import type { PlannedRecord, PreviewStore } from '../../core/ports/preview-store.ts'
import type { RecordKey } from '../../core/values/key.ts'

/** The records of both sides as this preview would have written them, those of the page at work included. */
export interface PlannedRecords {
  /** By the key the record would have, and by the one it has. */
  find(
    side: Side,
    keys: readonly RecordKey[],
  ): Promise<{
    readonly byKey: ReadonlyMap<RecordKey, PlannedRecord>
    readonly byRealKey: ReadonlyMap<RecordKey, PlannedRecord>
  }>
  add(side: Side, record: PlannedRecord): void
  /** Takes a record of the page at work out, to be stored with its coupling; null when it was not written. */
  take(side: Side, key: RecordKey): PlannedRecord | null
  /** Forgets what the page at work has written and coupled to nothing. */
  clear(): void
}

export function createPlannedRecords(
  previews: Pick<PreviewStore, 'findRecords'>,
  preview: { runId: number; mappingId: number },
): PlannedRecords {
  const ofPage = { local: new Map<RecordKey, PlannedRecord>(), remote: new Map<RecordKey, PlannedRecord>() }
  return {
    async find(side, keys) {
      const stored = keys.length === 0 ? [] : await previews.findRecords(preview, side, keys)
      const all = [...stored, ...ofPage[side].values()]
      const real = all.filter((record) => record.realKey !== null)
      return {
        byKey: new Map(all.map((record) => [record.key, record])),
        byRealKey: new Map(real.map((record) => [record.realKey ?? '', record])),
      }
    },
    add(side, record) {
      ofPage[side].set(record.key, record)
    },
    take(side, key) {
      const record = ofPage[side].get(key) ?? null
      ofPage[side].delete(key)
      return record
    },
    clear() {
      ofPage.local.clear()
      ofPage.remote.clear()
    },
  }
}
