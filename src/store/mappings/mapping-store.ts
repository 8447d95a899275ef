import type { MappingStore } from '../../core/ports/mapping-store.ts'
import type { Executor } from '../database.ts'
import { changeSettings, listConnections, saveConnection } from './connections.ts'
import { rememberDefinitions } from './definitions.ts'
import { findKnownSchemas, saveKnownSchemas } from './known-schemas.ts'
import { prepareGetPair, prepareListPairs, savePair } from './pairs.ts'
import {
  getCurrentVersion,
  getMappingById,
  getMappingVersion,
  listMappings,
  listMappingVersions,
  prepareGetMapping,
} from './read-mappings.ts'
import { saveMapping, saveMappings } from './save-mapping.ts'
import { listSensitiveFields } from './sensitive-fields.ts'

export function createMappingStore(db: Executor): MappingStore {
  const definitions = rememberDefinitions()
  return {
    saveConnection: (connection, act) => saveConnection(db, connection, act),
    changeSettings: (name, settings, act) => changeSettings(db, name, settings, act),
    listConnections: () => listConnections(db),
    savePair: (pair) => savePair(db, pair),
    listPairs: prepareListPairs(db),
    getPair: prepareGetPair(db),
    getMapping: prepareGetMapping(db, definitions),
    getMappingById: (mappingId) => getMappingById(db, mappingId, definitions),
    getCurrentVersion: (mappingId) => getCurrentVersion(db, mappingId),
    getMappingVersion: (mappingId, version) => getMappingVersion(db, mappingId, version),
    listMappingVersions: (mappingId, page) => listMappingVersions(db, mappingId, page),
    listSensitiveFields: () => listSensitiveFields(db),
    listMappings: (pairId) => listMappings(db, pairId, definitions),
    findKnownSchemas: (mappingId) => findKnownSchemas(db, mappingId),
    saveKnownSchemas: (mappingId, schemas, fence) => saveKnownSchemas(db, mappingId, schemas, fence),
    saveMapping: (write) => saveMapping(db, write),
    saveMappings: (writes) => saveMappings(db, writes),
  }
}
