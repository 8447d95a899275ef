import { and, eq, inArray, sql } from 'drizzle-orm'
import { operationOfKey } from '../../core/bulk/operation.ts'
import { SyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import { type Run, runIsDone } from '../../core/sync/run.ts'
import { clock, type Executor, idArray } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { job } from '../schema/job.ts'
import { line } from '../schema/line.ts'
import { run } from '../schema/run.ts'
import { endIfDone, endWaitingLines } from './finish-run.ts'
import { lockRun } from './lock-run.ts'

/**
 * Lines that have not begun end here, with what was asked for through them; a line at work finds out between two pages.
 * The run ends with its last line.
 */
export async function cancelRun(db: Executor, runId: number, { by, reason }: Act): Promise<Run> {
  return db.transaction(async (tx) => {
    const current = await lockRun(tx, runId)
    if (runIsDone(current.state)) {
      const message = `Run ${runId} has ended already: ${current.state}`
      throw new SyncError('RUN_ENDED', message, { data: { runId } })
    }
    if (current.cancelledBy !== null) return current
    await tx.update(run).set({ cancelledBy: by }).where(eq(run.id, runId))
    await endWaitingLines(tx, runId, 'cancelled', null)
    await endTheirJobs(tx, runId)
    await dropRequests(tx, current)
    const ended = await endIfDone(tx, { ...current, cancelledBy: by })
    await appendAudit(tx, { actor: by, action: 'run.cancel', subject: `run ${runId}`, reason })
    return ended
  })
}

/** Asked between two pages, so no more than that. */
export async function isCancelled(db: Executor, runId: number): Promise<boolean> {
  const rows = await db.select({ cancelledBy: run.cancelledBy }).from(run).where(eq(run.id, runId))
  return rows[0]?.cancelledBy != null
}

async function endTheirJobs(tx: Executor, runId: number): Promise<void> {
  const cancelled = tx
    .select({ id: line.id })
    .from(line)
    .where(and(eq(line.runId, runId), eq(line.state, 'cancelled')))
  await tx
    .update(job)
    .set({ state: 'cancelled', finishedAt: clock })
    .where(and(inArray(job.lineId, cancelled), inArray(job.state, ['ready', 'running'])))
}

/**
 * Otherwise the sweeper would see to records that nobody wants any more. What others have asked for as well stays, for
 * them; what a page holds at this moment is being done (SKIP LOCKED). A run that carries out an operation stands for what that
 * has asked for.
 */
async function dropRequests(tx: Executor, { id, idempotencyKey }: Run): Promise<void> {
  const operationId = operationOfKey(idempotencyKey)
  const operations = idArray(operationId === null ? [] : [operationId])
  await tx.execute(sql`
    with own as materialized (
      select coalesce(array_agg(id), '{}') as jobs, ${operations} as operations from couplet.job where run_id = ${id}),
    held as materialized (
      select i.id, i.job_ids, i.operation_ids,
        not i.is_wanted_anyway and i.job_ids <@ own.jobs and i.operation_ids <@ own.operations as is_unwanted
      from couplet.inbox i, own
      where i.mapping_id in (select mapping_id from couplet.line where run_id = ${id})
        and (i.job_ids && own.jobs or i.operation_ids && own.operations)
      for update of i skip locked),
    gone as (delete from couplet.inbox i using held where i.id = held.id and held.is_unwanted)
    update couplet.inbox i
    set job_ids = array(select unnest(held.job_ids) except select unnest(own.jobs)),
      operation_ids = array(select unnest(held.operation_ids) except select unnest(own.operations))
    from held, own where i.id = held.id and not held.is_unwanted`)
}
