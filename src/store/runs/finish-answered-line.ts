import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Line } from '../../core/sync/run.ts'
import { clock, type Executor } from '../database.ts'
import { job } from '../schema/job.ts'
import { line } from '../schema/line.ts'
import { finishLine } from './finish-line.ts'
import { honestState } from './jobs.ts'
import { lockRun } from './lock-run.ts'
import { getLine } from './read-runs.ts'

/**
 * Not fenced, because nothing can come after it: the commit that serves a request counts it for the job and takes the
 * job off the inbox row, in one transaction. A job that has counted and stands in no row has all its answers. A line
 * that has begun, once, is left to who works on it, and so is one by which records wait that
 * were asked for without a run: whoever did was told of its run (`requestSoon`). The line is locked before those are looked for, so that none comes in between.
 */
export async function finishAnsweredLine(db: Executor, lineId: number): Promise<readonly Line[] | null> {
  return db.transaction(async (tx) => {
    await lockRun(tx, (await getLine(tx, lineId)).runId)
    await tx.select({ id: line.id }).from(line).where(eq(line.id, lineId)).for('update')
    const { rowCount } = await tx.execute(sql`
      select from couplet.line l where l.id = ${lineId} and l.selection = 'requests' and l.state = 'ready'
        and l.started_at is null
        and exists (select from couplet.job j where j.line_id = l.id and j.read > 0)
        and not exists (select from couplet.inbox i join couplet.job j on j.line_id = l.id
          where i.mapping_id = l.mapping_id
            and (j.id = any(i.job_ids) or (j.direction = i.direction and i.is_wanted_anyway)))`)
    if (rowCount === 0) return null
    await tx.update(line).set({ startedAt: clock }).where(eq(line.id, lineId))
    await tx
      .update(job)
      .set({
        state: honestState('succeeded'),
        startedAt: sql`coalesce(${job.startedAt}, ${clock})`,
        finishedAt: clock,
      })
      .where(and(eq(job.lineId, lineId), inArray(job.state, ['ready', 'running'])))
    return finishLine(tx, lineId, 'finished', null, null)
  })
}
