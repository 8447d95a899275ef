import { and, eq, sql } from 'drizzle-orm'
import type { PageCommit } from '../../../core/ports/sync-store.ts'
import { assert } from '../../../lib/assert.ts'
import { clock, type Executor } from '../../database.ts'
import { tableMapping } from '../../schema/table-mapping.ts'

/**
 * Watermarks are opaque text to the store, so it cannot compare them: they are stored as given, together with the run.
 * That they never move backwards (domain.md §2.3) is the pipeline's part, which holds the lease of the mapping here.
 * A pass over an older selection generation never takes back a later one.
 */
export async function saveMappingState(
  tx: Executor,
  { mappingId, pairId, watermark, scannedGeneration }: PageCommit,
): Promise<void> {
  if (!watermark && scannedGeneration === null) return
  const { rowCount } = await tx
    .update(tableMapping)
    .set({
      ...(watermark && watermarkColumns(watermark)),
      ...(scannedGeneration !== null && {
        scannedGeneration: sql`greatest(${tableMapping.scannedGeneration}, ${scannedGeneration}::int)`,
      }),
      updatedAt: clock,
    })
    .where(and(eq(tableMapping.id, mappingId), eq(tableMapping.pairId, pairId)))
  assert(rowCount === 1, `mapping ${mappingId} of pair ${pairId} exists`)
}

function watermarkColumns({ side, value, runId }: NonNullable<PageCommit['watermark']>) {
  return side === 'local'
    ? { localWatermark: value, localWatermarkRun: runId }
    : { remoteWatermark: value, remoteWatermarkRun: runId }
}
