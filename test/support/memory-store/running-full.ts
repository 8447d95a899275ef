import { SyncError } from '../../../src/core/errors.ts'
import { runIsDone } from '../../../src/core/sync/run.ts'
import type { RunRow, Tables } from './tables.ts'

/** The full synchronization of a pair that is going on; a preview is none. */
export function findRunningFull(tables: Tables, pairId: number): RunRow | undefined {
  return tables.runs.find(
    (run) => run.pairId === pairId && run.kind === 'full' && !run.options.dryRun && !runIsDone(run.state),
  )
}

export function fullRunning({ id, createdAt, requestedBy }: RunRow): SyncError {
  const message = `Full synchronization ${id} is running since ${createdAt}, asked for by ${requestedBy}`
  return new SyncError('FULL_SYNC_RUNNING', message, { data: { runId: id } })
}
