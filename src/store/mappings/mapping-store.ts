import { eq } from 'drizzle-orm'
import type { MappingStore } from '../../core/ports/mapping-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, type Executor } from '../database.ts'
import { auditLog } from '../schema/audit-log.ts'
import { tableMapping } from '../schema/table-mapping.ts'
import { listConnections, saveConnection } from './connections.ts'
import { getPair, listPairs, savePair } from './pairs.ts'
import {
  getCurrentVersion,
  getMapping,
  getMappingById,
  getMappingVersion,
  listMappings,
} from './read-mappings.ts'
import { saveMapping, saveMappings } from './save-mapping.ts'

export function createMappingStore(db: Executor): MappingStore {
  return {
    saveConnection: (connection) => saveConnection(db, connection),
    listConnections: () => listConnections(db),
    savePair: (pair) => savePair(db, pair),
    listPairs: () => listPairs(db),
    getPair: (pairId) => getPair(db, pairId),
    getMapping: (pairId, name) => getMapping(db, pairId, name),
    getMappingById: (mappingId) => getMappingById(db, mappingId),
    getCurrentVersion: (mappingId) => getCurrentVersion(db, mappingId),
    getMappingVersion: (mappingId, version) => getMappingVersion(db, mappingId, version),
    listMappings: (pairId) => listMappings(db, pairId),
    saveMapping: (write) => saveMapping(db, write),
    saveMappings: (writes) => saveMappings(db, writes),
    resetWatermarks: (mappingId, changedBy) => resetWatermarks(db, mappingId, changedBy),
  }
}

async function resetWatermarks(db: Executor, mappingId: number, changedBy: string): Promise<void> {
  await db.transaction(async (tx) => {
    const rows = await tx
      .update(tableMapping)
      .set({
        localWatermark: null,
        localWatermarkRun: null,
        remoteWatermark: null,
        remoteWatermarkRun: null,
        updatedAt: clock,
      })
      .where(eq(tableMapping.id, mappingId))
      .returning({ name: tableMapping.name })
    const subject = `mapping ${present(rows[0], `mapping ${mappingId}`).name}`
    await tx
      .insert(auditLog)
      .values({ actor: changedBy, action: 'mapping.reset-watermarks', subject, detail: { mappingId } })
  })
}
