import type { Pool } from 'pg'
import type { AccessStore } from '../core/ports/access-store.ts'
import type { BudgetStore } from '../core/ports/budget-store.ts'
import type { BulkStore } from '../core/ports/bulk-store.ts'
import type { ControlStore } from '../core/ports/control-store.ts'
import type { DeletionStore } from '../core/ports/deletion-store.ts'
import type { LeaseStore } from '../core/ports/lease-store.ts'
import type { MappingStore } from '../core/ports/mapping-store.ts'
import type { MatchStore } from '../core/ports/match-store.ts'
import type { OperationsStore } from '../core/ports/operations-store.ts'
import type { PreviewStore } from '../core/ports/preview-store.ts'
import type { RunStore } from '../core/ports/run-store.ts'
import type { ScheduleStore } from '../core/ports/schedule-store.ts'
import type { SyncStore } from '../core/ports/sync-store.ts'
import { createAccessStore } from './access/access-store.ts'
import { createBudgetStore } from './budget/budget-store.ts'
import { createBulkStore } from './bulk/bulk-store.ts'
import { createControlStore } from './control/control-store.ts'
import { createDatabase } from './database.ts'
import { withTranslatedErrors } from './database-errors.ts'
import { createDeletionStore } from './deletions/deletion-store.ts'
import { createLeaseStore } from './leases/lease-store.ts'
import { createMappingStore } from './mappings/mapping-store.ts'
import { createMatchStore } from './matching/match-store.ts'
import { createOperationsStore } from './operations/operations-store.ts'
import { createPreviewStore } from './previews/preview-store.ts'
import { createRunStore } from './runs/run-store.ts'
import { createScheduleStore } from './schedules/schedule-store.ts'
import { describeServer } from './server-name.ts'
import { createSyncStore } from './sync/sync-store.ts'

export interface Store {
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

/** The store on an open pool; the schema must be there (`assertMigrated`). Failures of the connection are SyncErrors. */
export function createStore(pool: Pool): Store {
  const database = createDatabase(pool)
  const server = describeServer(pool.options)
  return {
    mappings: withTranslatedErrors(createMappingStore(database), server),
    leases: withTranslatedErrors(createLeaseStore(database), server),
    sync: withTranslatedErrors(createSyncStore(database), server),
    matches: withTranslatedErrors(createMatchStore(database), server),
    runs: withTranslatedErrors(createRunStore(database), server),
    operations: withTranslatedErrors(createOperationsStore(database), server),
    previews: withTranslatedErrors(createPreviewStore(database), server),
    deletions: withTranslatedErrors(createDeletionStore(database), server),
    budgets: withTranslatedErrors(createBudgetStore(database), server),
    access: withTranslatedErrors(createAccessStore(database, pool), server),
    schedules: withTranslatedErrors(createScheduleStore(database), server),
    control: withTranslatedErrors(createControlStore(database), server),
    bulk: withTranslatedErrors(createBulkStore(database), server),
  }
}
