import { and, asc, eq, sql } from 'drizzle-orm'
import type { RecordRequest } from '../../core/ports/run-store.ts'
import { type Executor, textArray } from '../database.ts'
import { line } from '../schema/line.ts'
import { run } from '../schema/run.ts'
import { requestRecords } from './request-records.ts'

/**
 * Rows without a job: whoever works them off counts them. Looked at behind the insert: a line that begins later finds the
 * rows, one that has begun may have looked already. A line has to have a job in each direction: it drains no other. The
 * line is locked for a moment, so that one that is being finished as answered is not taken for one that waits.
 */
export async function requestSoon(
  db: Executor,
  { id: mappingId, pairId }: { readonly id: number; readonly pairId: number },
  requests: readonly RecordRequest[],
): Promise<number | null> {
  const placed = requests.map((request) => ({ ...request, mappingId, pairId, jobIds: [] }))
  // One statement needs no transaction around it.
  if (requests.some(({ releases }) => releases)) await db.transaction((tx) => requestRecords(tx, placed))
  else await requestRecords(db, placed)
  const directions = [...new Set(requests.map(({ direction }) => direction))]
  const waiting = await db
    .select({ runId: line.runId })
    .from(line)
    .innerJoin(run, eq(run.id, line.runId))
    .where(
      and(
        eq(line.mappingId, mappingId),
        eq(line.state, 'ready'),
        eq(line.selection, 'requests'),
        sql`${run.state} in ('queued', 'running')`,
        sql`not coalesce((${run.options} ->> 'dryRun')::boolean, false)`,
        sql`${textArray(directions)} <@ array(select j.direction from couplet.job j where j.line_id = ${line.id})`,
      ),
    )
    .orderBy(asc(line.id))
    .limit(1)
    .for('key share')
  return waiting[0]?.runId ?? null
}
