import { exclusivityGroup } from '../../../src/core/coupling/exclusivity-group.ts'
import { SyncError } from '../../../src/core/errors.ts'
import type { MappingDefinition } from '../../../src/core/mapping/definition.ts'
import type {
  MappingImport,
  MappingStore,
  MappingWrite,
  Pair,
  SensitiveField,
  StoredMapping,
} from '../../../src/core/ports/mapping-store.ts'
import { present } from '../../../src/lib/assert.ts'
import { canonicalText } from '../../../src/lib/canonical-text.ts'
import { findCoupled } from './couplings.ts'
import { assertFence } from './leases.ts'
import { saveSchedule } from './schedules.ts'
import type { MappingRow, PairRow, Tables } from './tables.ts'

export function createMappingStore(tables: Tables): MappingStore {
  return {
    saveConnection: async (connection) => {
      const found = tables.connections.find(({ name }) => name === connection.name)
      return found ? tables.connections.update(found.id, connection) : tables.connections.insert(connection)
    },
    changeSettings: async (name, settings) => {
      const now = tables.connections.get(connectionId(tables, name), 'connection')
      return tables.connections.update(now.id, { settings: { ...now.settings, ...settings } })
    },
    listConnections: async () => tables.connections.where(() => true).sort(byName),
    savePair: async (pair) => tables.run(() => savePair(tables, pair)),
    listPairs: async () =>
      tables.pairs
        .where(() => true)
        .sort(byName)
        .map((row) => toPair(tables, row)),
    getPair: async (pairId) => toPair(tables, tables.pairs.get(pairId, 'pair')),
    getMapping: async (pairId, name) => toMapping(getByName(tables, pairId, name)),
    getMappingById: async (mappingId) => toMapping(getById(tables, mappingId)),
    getCurrentVersion: async (mappingId) => getById(tables, mappingId).version,
    getMappingVersion: async (mappingId, version) => getVersion(getById(tables, mappingId), version),
    listSensitiveFields: async () => tables.mappings.where(() => true).flatMap(sensitiveFieldsOf),
    listMappingVersions: async (mappingId, { limit, before }) =>
      getById(tables, mappingId)
        .authors.map((author, index) => ({ ...author, version: index + 1 }))
        .filter(({ version }) => before === null || version < before)
        .reverse()
        .slice(0, limit),
    listMappings: async (pairId) => listRows(tables, pairId).map(toMapping),
    findKnownSchemas: async (mappingId) => ({
      local: null,
      remote: null,
      ...getById(tables, mappingId).knownSchemas,
    }),
    saveKnownSchemas: async (mappingId, schemas, fence) =>
      tables.run(() => {
        if (fence !== null) assertFence(tables, fence)
        tables.mappings.update(mappingId, { knownSchemas: schemas })
      }),
    saveMapping: async (write) => tables.run(() => saveMapping(tables, write)),
    saveMappings: async (writes) => tables.run(() => saveAll(tables, writes)),
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1
}

function toPair(tables: Tables, row: PairRow): Pair {
  const { localConnectionId, remoteConnectionId, ...rest } = row
  return {
    ...rest,
    localConnection: tables.connections.get(localConnectionId, 'connection'),
    remoteConnection: tables.connections.get(remoteConnectionId, 'connection'),
  }
}

function toMapping(row: MappingRow): StoredMapping {
  const {
    name: _name,
    localGroup: _local,
    remoteGroup: _remote,
    knownSchemas: _known,
    authors: _authors,
    versions,
    ...rest
  } = row
  return { ...rest, definition: present(versions.at(-1), 'current version') }
}

function getVersion({ id, versions }: MappingRow, version: number): MappingDefinition {
  const found = versions[version - 1]
  if (found) return found
  throw new SyncError('MAPPING_UNKNOWN', `Mapping ${id} has no version ${version}`)
}

const authorOf = ({ changedBy, reason }: MappingWrite) => ({
  changedBy,
  reason,
  at: new Date(0).toISOString(),
})

function listRows(tables: Tables, pairId: number): MappingRow[] {
  const position = (row: MappingRow) => toMapping(row).definition.position
  return tables.mappings
    .where((row) => row.pairId === pairId)
    .sort((a, b) => position(a) - position(b) || byName(a, b))
}

function getByName(tables: Tables, pairId: number, name: string): MappingRow {
  const found = tables.mappings.find((row) => row.pairId === pairId && row.name === name)
  if (found) return found
  throw new SyncError('MAPPING_UNKNOWN', `There is no mapping named '${name}'`, { data: { name } })
}

function getById(tables: Tables, mappingId: number): MappingRow {
  const found = tables.mappings.byId(mappingId)
  if (found) return found
  throw new SyncError('MAPPING_UNKNOWN', `There is no mapping with the number ${mappingId}`, {
    data: { mappingId },
  })
}

function savePair(tables: Tables, { name, local, remote }: Parameters<MappingStore['savePair']>[0]): Pair {
  const row = {
    name,
    localConnectionId: connectionId(tables, local.connection),
    localCompany: local.company,
    remoteConnectionId: connectionId(tables, remote.connection),
    remoteCompany: remote.company,
  }
  const found = tables.pairs.find((pair) => pair.name === name)
  const saved = found ? tables.pairs.update(found.id, row) : tables.pairs.insert(row)
  for (const mapping of listRows(tables, saved.id))
    moveToGroups(tables, mapping.id, toMapping(mapping).definition)
  return toPair(tables, saved)
}

function connectionId(tables: Tables, name: string): number {
  const found = tables.connections.find((connection) => connection.name === name)
  if (found) return found.id
  throw new SyncError('CONNECTION_UNKNOWN', `There is no connection named '${name}'`, { data: { name } })
}

function saveAll(tables: Tables, writes: readonly MappingImport[]): readonly StoredMapping[] {
  const ordered = [...writes].sort((a, b) => byName(a.definition, b.definition))
  const all = ordered.map((write) => {
    const saved = saveMapping(tables, write)
    if (saved) return saved
    const { name } = write.definition
    throw new SyncError('MAPPING_EDITED', `Mapping ${name} was changed by somebody else`, { data: { name } })
  })
  for (const { schedule } of ordered) if (schedule !== null) saveSchedule(tables, schedule, 'either')
  return all
}

function saveMapping(tables: Tables, write: MappingWrite): StoredMapping | null {
  const { pairId, definition, expectedVersion } = write
  const found = tables.mappings.find((row) => row.pairId === pairId && row.name === definition.name)
  if (!found) {
    if (expectedVersion !== null && expectedVersion !== 0) getByName(tables, pairId, definition.name)
    return create(tables, write)
  }
  if (expectedVersion !== null && expectedVersion !== found.version) return null
  if (canonicalText(toMapping(found).definition) === canonicalText(definition)) return toMapping(found)
  tables.mappings.update(found.id, {
    version: found.version + 1,
    versions: [...found.versions, definition],
    authors: [...found.authors, authorOf(write)],
    selectionGeneration: found.selectionGeneration + (write.selectionChanged ? 1 : 0),
  })
  moveToGroups(tables, found.id, definition)
  return toMapping(getById(tables, found.id))
}

function create(tables: Tables, write: MappingWrite): StoredMapping {
  const { pairId, definition } = write
  const row = tables.mappings.insert({
    pairId,
    name: definition.name,
    version: 1,
    versions: [definition],
    authors: [authorOf(write)],
    localGroup: '',
    remoteGroup: '',
    localWatermark: null,
    remoteWatermark: null,
    localWatermarkRun: null,
    remoteWatermarkRun: null,
    selectionGeneration: 1,
    scannedGeneration: 0,
  })
  moveToGroups(tables, row.id, definition)
  return toMapping(getById(tables, row.id))
}

/** The couplings of the mapping move with it; ALREADY_COUPLED when a record there is coupled by another mapping. */
function moveToGroups(tables: Tables, mappingId: number, definition: MappingDefinition): void {
  const mapping = getById(tables, mappingId)
  const pair = tables.pairs.get(mapping.pairId, 'pair')
  const groups = {
    localGroup: exclusivityGroup(pair.localConnectionId, definition.local.table, definition.exclusivityGroup),
    remoteGroup: exclusivityGroup(
      pair.remoteConnectionId,
      definition.remote.table,
      definition.exclusivityGroup,
    ),
  }
  tables.mappings.update(mappingId, groups)
  for (const { id } of tables.couplings.where((row) => row.mappingId === mappingId)) {
    const moved = tables.couplings.update(id, groups)
    if (!findCoupled(tables, moved)) continue
    throw new SyncError(
      'ALREADY_COUPLED',
      `The records of mapping ${mappingId} cannot move: some are coupled there by another mapping`,
      { data: { mappingId } },
    )
  }
}

/** By the newest version in which a field stands, on its side. */
function sensitiveFieldsOf({ name, versions }: MappingRow): SensitiveField[] {
  const isSensitive = new Map<string, boolean>()
  for (const { fields } of versions) {
    const inVersion = new Map<string, boolean>()
    for (const side of ['local', 'remote'] as const)
      for (const field of fields) {
        const key = `${side} ${field[side]}`
        if (field[side] !== undefined) inVersion.set(key, (inVersion.get(key) ?? false) || field.sensitive)
      }
    for (const [key, value] of inVersion) isSensitive.set(key, value)
  }
  const found = [...isSensitive].filter(([, value]) => value).map(([key]) => key.slice(key.indexOf(' ') + 1))
  return [...new Set(found)].sort().map((field) => ({ mapping: name, field }))
}
