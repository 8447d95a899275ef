import type { MappingDefinition, Side } from '../mapping/definition.ts'
import type { KnownSchema } from '../mapping/schema-drift.ts'
import type { Act } from './act.ts'
import type { Fence } from './lease-store.ts'
import type { ScheduleWrite } from './schedule-store.ts'

/** A stored connection; `settings` never holds a secret, only names of variables or files that do. */
export interface ConnectionRecord {
  readonly id: number
  readonly name: string
  readonly kind: string
  readonly settings: Readonly<Record<string, string>>
}

/** One local connection + company and one remote connection + company. */
export interface Pair {
  readonly id: number
  readonly name: string
  readonly localConnection: ConnectionRecord
  readonly localCompany: string
  readonly remoteConnection: ConnectionRecord
  readonly remoteCompany: string
}

/** A mapping with its current version and its mutable state. */
export interface StoredMapping {
  readonly id: number
  readonly pairId: number
  readonly version: number
  readonly definition: MappingDefinition
  readonly localWatermark: string | null
  readonly remoteWatermark: string | null
  /** Run that set the watermark of that side. */
  readonly localWatermarkRun: number | null
  readonly remoteWatermarkRun: number | null
  /** Raised when filter, fields or "only coupled" change: a pass over everything is due. */
  readonly selectionGeneration: number
  /** Selection generation of the last complete pass over everything. */
  readonly scannedGeneration: number
}

/** Who made one version of a mapping, when and why. */
export interface MappingVersion {
  readonly version: number
  readonly changedBy: string
  readonly reason: string
  readonly at: string
}

export interface MappingWrite {
  readonly pairId: number
  readonly definition: MappingDefinition
  readonly expectedVersion: number | null
  readonly selectionChanged: boolean
  readonly changedBy: string
  readonly reason: string
}

/** A mapping, and what becomes of its recurring job. */
export interface MappingImport extends MappingWrite {
  /** Null: it stays as it is, or is not there. */
  readonly schedule: ScheduleWrite | null
}

/** A field, of either side, whose values are hidden from who may only look. */
export interface SensitiveField {
  /** Name of the mapping. */
  readonly mapping: string
  readonly field: string
}

export interface MappingStore {
  /** Creates the connection or replaces its kind and settings; with an act the change stands in the audit log. */
  saveConnection(connection: Omit<ConnectionRecord, 'id'>, act?: Act): Promise<ConnectionRecord>
  /** Puts these in the place of settings of the same name; the others stay as they are by now. Throws CONNECTION_UNKNOWN. */
  changeSettings(name: string, settings: ConnectionRecord['settings'], act: Act): Promise<ConnectionRecord>
  listConnections(): Promise<readonly ConnectionRecord[]>
  /** Creates the pair, or changes its connections and companies. Throws CONNECTION_UNKNOWN. */
  savePair(pair: {
    name: string
    local: { connection: string; company: string }
    remote: { connection: string; company: string }
  }): Promise<Pair>
  listPairs(): Promise<readonly Pair[]>
  getPair(pairId: number): Promise<Pair>
  /** Throws MAPPING_UNKNOWN. */
  getMapping(pairId: number, name: string): Promise<StoredMapping>
  getMappingById(mappingId: number): Promise<StoredMapping>
  /** Number of the current version: asked before every page, so no more than that. Throws MAPPING_UNKNOWN. */
  getCurrentVersion(mappingId: number): Promise<number>
  /** The definition of one version, whatever the current one is. Throws MAPPING_UNKNOWN. */
  getMappingVersion(mappingId: number, version: number): Promise<MappingDefinition>
  /** Newest first; `before` is a version for the next page. */
  listMappingVersions(
    mappingId: number,
    page: { readonly limit: number; readonly before: number | null },
  ): Promise<readonly MappingVersion[]>
  /**
   * Fields that are sensitive by the newest version of their mapping in which they stand: one that has left its mapping stays
   * what it was, because what was written of it is still there.
   */
  listSensitiveFields(): Promise<readonly SensitiveField[]>
  /** In order of position, then name. */
  listMappings(pairId: number): Promise<readonly StoredMapping[]>
  /**
   * Stores a new version if the definition differs from the current one, else changes nothing. `expectedVersion`
   * (0 = must not exist yet): compare-and-set, returns null when somebody else was faster. `selectionChanged` raises
   * the selection generation.
   */
  saveMapping(write: MappingWrite): Promise<StoredMapping | null>
  /** What both tables looked like when they were looked at last; null: nobody has looked yet. */
  findKnownSchemas(mappingId: number): Promise<Readonly<Record<Side, KnownSchema | null>>>
  /** Remembers what both tables look like. With a fence: throws LEASE_LOST unless it holds. */
  saveKnownSchemas(
    mappingId: number,
    schemas: Readonly<Record<Side, KnownSchema>>,
    fence: Fence | null,
  ): Promise<void>
  /**
   * As `saveMapping`, all of them with their recurring jobs, or none; throws MAPPING_EDITED when one is not at its expected
   * version.
   */
  saveMappings(writes: readonly MappingImport[]): Promise<readonly StoredMapping[]>
}

export const watermarkOf = (mapping: StoredMapping, side: Side): string | null =>
  side === 'local' ? mapping.localWatermark : mapping.remoteWatermark
