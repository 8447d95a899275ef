import type { HttpHeaders } from '../http/http.ts'
import type { BatchSize } from './batch-size.ts'
import type { TableAccess } from './table-access.ts'
import type { EntitySets } from './write-body.ts'

export interface WriteSettings {
  readonly batchSize: BatchSize
  readonly bulkSize: BatchSize
  /** Requests of one call that run side by side. */
  readonly parallelism: number
  /** Of every write (connectors.md A.11). */
  readonly headers: HttpHeaders
  /** Records may be created in bulk. */
  readonly mayCreateInBulk: boolean
  /** At least those of the tables named, where they can be addressed. */
  readonly entitySets: (tables: readonly string[], signal: AbortSignal) => Promise<EntitySets>
}

export interface WriteAccess extends TableAccess {
  readonly settings: WriteSettings
}
