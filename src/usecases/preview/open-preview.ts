import type { CompiledMapping } from '../../core/mapping/compile.ts'
import type { ConnectedTable } from '../../core/ports/connector.ts'
import type { SyncStore } from '../../core/ports/sync-store.ts'
import type { Deps } from '../deps.ts'
import { createCostMeter } from './cost-meter.ts'
import { createPlannedRecords } from './planned-records.ts'
import { createPreviewSync } from './preview-sync.ts'
import { previewTable } from './preview-table.ts'

interface Tables {
  readonly local: ConnectedTable
  readonly remote: ConnectedTable
}

/** Tables and store of a line that only shows what it would do; the pipeline above them is the same. */
export function openPreview(
  runId: number,
  mapping: CompiledMapping,
  tables: Tables,
  { stores }: Pick<Deps, 'stores'>,
): { readonly tables: Tables; readonly sync: SyncStore } {
  const ids = { runId, mappingId: mapping.id }
  const meter = createCostMeter()
  const planned = createPlannedRecords(stores.previews, ids)
  const open = (side: 'local' | 'remote') =>
    previewTable({ table: tables[side], side, compiled: mapping[side], planned, meter })
  return {
    tables: { local: open('local'), remote: open('remote') },
    sync: createPreviewSync({ ...ids, store: stores.sync, previews: stores.previews, planned, meter }),
  }
}
