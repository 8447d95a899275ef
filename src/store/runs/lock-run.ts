import { eq } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { Run } from '../../core/sync/run.ts'
import type { Executor } from '../database.ts'
import { run } from '../schema/run.ts'
import { toRun } from './rows.ts'

/**
 * Everything that changes states of lines by looking at other lines does so under this lock: of two lines that finish
 * at once the second sees the first one finished, so together they cannot forget a third that waits for both.
 */
export async function lockRun(tx: Executor, runId: number): Promise<Run> {
  const rows = await tx.select().from(run).where(eq(run.id, runId)).for('no key update')
  if (rows[0]) return toRun(rows[0])
  throw unknownRun(runId)
}

export function unknownRun(runId: number): SyncError {
  return new SyncError('RUN_UNKNOWN', `There is no run ${runId}`, { data: { runId } })
}
