import type { Pool } from 'pg'
import type { AlertStore } from '../core/ports/alert-store.ts'
import type { BackupStore } from '../core/ports/backup-store.ts'
import type { DoctorStore } from '../core/ports/doctor-store.ts'
import type { ObservationStore } from '../core/ports/observation-store.ts'
import type { ProcessStore } from '../core/ports/process-store.ts'
import type { RecoveryStore } from '../core/ports/recovery-store.ts'
import type { RetentionStore } from '../core/ports/retention-store.ts'
import type { WebhookStore } from '../core/ports/webhook-store.ts'
import { createAlertStore } from './alerts/alert-store.ts'
import { createDatabase } from './database.ts'
import { withTranslatedErrors } from './database-errors.ts'
import { createDoctorStore } from './doctor/doctor-store.ts'
import { createObservationStore } from './observation/observation-store.ts'
import { createProcessStore } from './processes/process-store.ts'
import { createBackupStore } from './recovery/backup-store.ts'
import { createRecoveryStore } from './recovery/recovery-store.ts'
import { createRetentionStore } from './retention/retention-store.ts'
import { describeServer } from './server-name.ts'
import { createWebhookStore } from './webhooks/webhook-store.ts'

/** What people look after an installation with. No synchronization depends on it, so it has no counterpart in memory. */
export interface Care {
  readonly observation: ObservationStore
  readonly processes: ProcessStore
  readonly alerts: AlertStore
  readonly webhooks: WebhookStore
  readonly recovery: RecoveryStore
  readonly doctor: DoctorStore
  readonly backup: BackupStore
  readonly retention: RetentionStore
}

/** On an open pool, as `createStore`. */
export function createCare(pool: Pool): Care {
  const database = createDatabase(pool)
  const server = describeServer(pool.options)
  return {
    observation: withTranslatedErrors(createObservationStore(database), server),
    processes: withTranslatedErrors(createProcessStore(database), server),
    alerts: withTranslatedErrors(createAlertStore(database), server),
    webhooks: withTranslatedErrors(createWebhookStore(database), server),
    backup: createBackupStore(pool),
    doctor: withTranslatedErrors(createDoctorStore(database), server),
    retention: withTranslatedErrors(createRetentionStore(database), server),
    recovery: withTranslatedErrors(createRecoveryStore(database), server),
  }
}
