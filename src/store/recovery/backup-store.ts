import type { Pool } from 'pg'
import type { BackupStore } from '../../core/ports/backup-store.ts'
import { translateDatabaseError } from '../database-errors.ts'
import { describeServer } from '../server-name.ts'
import { readBackup } from './backup.ts'
import { restoreBackup } from './restore.ts'

export function createBackupStore(pool: Pool): BackupStore {
  return {
    async *readBackup(isSecret) {
      try {
        yield* readBackup(pool, isSecret)
      } catch (error) {
        throw translateDatabaseError(error, describeServer(pool.options))
      }
    },
    async restoreBackup(lines, options) {
      try {
        await restoreBackup(pool, lines, options)
      } catch (error) {
        throw translateDatabaseError(error, describeServer(pool.options))
      }
    },
  }
}
