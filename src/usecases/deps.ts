import type { AccessStore } from '../core/ports/access-store.ts'
import type { BudgetStore } from '../core/ports/budget-store.ts'
import type { BulkStore } from '../core/ports/bulk-store.ts'
import type { Connector } from '../core/ports/connector.ts'
import type { ControlStore } from '../core/ports/control-store.ts'
import type { DeletionStore } from '../core/ports/deletion-store.ts'
import type { JobQueue } from '../core/ports/job-queue.ts'
import type { LeaseStore } from '../core/ports/lease-store.ts'
import type { ConnectionRecord, MappingStore } from '../core/ports/mapping-store.ts'
import type { MatchStore } from '../core/ports/match-store.ts'
import type { OperationsStore } from '../core/ports/operations-store.ts'
import type { PreviewStore } from '../core/ports/preview-store.ts'
import type { RunStore } from '../core/ports/run-store.ts'
import type { Clock, Log, Probe } from '../core/ports/runtime.ts'
import type { ScheduleStore } from '../core/ports/schedule-store.ts'
import type { SyncStore } from '../core/ports/sync-store.ts'
import type { LoadedFunctions } from '../core/transform/function-rule.ts'

/** The store by aggregate. */
export interface Stores {
  readonly mappings: MappingStore
  readonly leases: LeaseStore
  readonly sync: SyncStore
  readonly matches: MatchStore
  readonly runs: RunStore
  readonly operations: OperationsStore
  readonly previews: PreviewStore
  readonly deletions: DeletionStore
  readonly budgets: BudgetStore
  readonly access: AccessStore
  readonly schedules: ScheduleStore
  readonly control: ControlStore
  readonly bulk: BulkStore
}

export interface SyncSettings {
  /** Records per page, 1–5,000. */
  readonly pageSize: number
  readonly leaseMs: number
  /** How long a job that finds its lease taken stays away. */
  readonly busyRetryMs: number
  /** So long a new run is left to whoever stores and enqueues it. */
  readonly newRunMs: number
  readonly questionMs: number
  /** Attempts that end alike before a record with a permanent failure is set aside. */
  readonly skipAfter: number
  /** Workers in a row that may die over a line without finishing a page of it. */
  readonly giveUpAfter: number
}

/** Everything a use case may need; each takes the part it uses. */
export interface Deps {
  readonly stores: Stores
  readonly queue: JobQueue
  /** Opens a connection once per process and keeps it. Throws SyncError with variable and host. */
  readonly connect: (connection: ConnectionRecord) => Promise<Connector>
  /**
   * The same connections for questions about single records, with tables that may have been described some seconds ago: good
   * enough for what a job looks at again.
   */
  readonly lookUp: (connection: ConnectionRecord) => Promise<Pick<Connector, 'openTable'>>
  /** Users' own transformation functions; what cannot be loaded comes with the reason. */
  readonly loadFunctions: (modules: readonly string[]) => Promise<LoadedFunctions>
  /**
   * Has all calls of users' functions that `work` makes answered together; made again, they answer at once. In `work` itself
   * they give nothing, so whatever comes out of it is thrown away.
   */
  readonly answerAhead: (work: () => void) => Promise<void>
  readonly clock: Clock
  readonly log: Log
  readonly probe: Probe
  readonly settings: SyncSettings
  /** Names this process in leases and messages. */
  readonly processName: string
  /** A number in [0, 1) for jitter. */
  readonly random: () => number
}
