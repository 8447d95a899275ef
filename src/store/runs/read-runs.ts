import { and, asc, desc, eq, gt, inArray, lt, type SQL, sql } from 'drizzle-orm'
import type { QueueView, RunDetails, RunStore } from '../../core/ports/run-store.ts'
import type { Job, Line, Run } from '../../core/sync/run.ts'
import { present } from '../../lib/assert.ts'
import { groupBy } from '../../lib/group.ts'
import { type Executor, textArray } from '../database.ts'
import { job } from '../schema/job.ts'
import { line } from '../schema/line.ts'
import { run } from '../schema/run.ts'
import { tableMapping } from '../schema/table-mapping.ts'
import { isWithin } from '../time-range.ts'
import { unknownRun } from './lock-run.ts'
import { listJobsOfRun, listLines, selectJobs, selectLines, toJob, toLine, toRun } from './rows.ts'

export async function getRunRow(db: Executor, runId: number): Promise<Run> {
  const rows = await db.select().from(run).where(eq(run.id, runId))
  if (rows[0]) return toRun(rows[0])
  throw unknownRun(runId)
}

export async function getRun(db: Executor, runId: number): Promise<RunDetails> {
  return {
    run: await getRunRow(db, runId),
    lines: await listLines(db, [runId]),
    jobs: await listJobsOfRun(db, runId),
  }
}

export async function listRuns(db: Executor, query: Parameters<RunStore['listRuns']>[0]): Promise<Run[]> {
  const { limit, before, kind, state = null, pairId = null, requestedBy } = query
  const rows = await db
    .select()
    .from(run)
    .where(
      and(
        before === null ? undefined : lt(run.id, before),
        kind === null ? undefined : eq(run.kind, kind),
        state === null ? undefined : eq(run.state, state),
        pairId === null ? undefined : eq(run.pairId, pairId),
        requestedBy === undefined ? undefined : eq(run.requestedBy, requestedBy),
        isAbout(query),
        isWithin(run.createdAt, query),
      ),
    )
    .orderBy(desc(run.id))
    .limit(limit)
  return rows.map(toRun)
}

function isAbout({ mapping, onlyMappings = null }: Parameters<RunStore['listRuns']>[0]): SQL | undefined {
  const names = sql`select m.name from couplet.line l join couplet.table_mapping m on m.id = l.mapping_id
    where l.run_id = ${run.id}`
  return and(
    mapping === undefined ? undefined : sql`${mapping} in (${names})`,
    onlyMappings === null
      ? undefined
      : sql`array(${names}) <@ ${textArray(onlyMappings)} and exists (${names})`,
  )
}

export async function listJobs(db: Executor, query: Parameters<RunStore['listJobs']>[0]): Promise<Job[]> {
  const { limit, before, mapping, state = null, pairId = null, runId = null, code = null } = query
  const rows = await selectJobs(db)
    .where(
      and(
        before === null ? undefined : lt(job.id, before),
        mapping === null ? undefined : eq(tableMapping.name, mapping),
        state === null ? undefined : eq(job.state, state),
        pairId === null ? undefined : eq(job.pairId, pairId),
        runId === null ? undefined : eq(job.runId, runId),
        code === null ? undefined : eq(job.errorCode, code),
        isWithin(job.createdAt, query),
      ),
    )
    .orderBy(desc(job.id))
    .limit(limit)
  return rows.map(toJob)
}

export async function getLine(db: Executor, lineId: number): Promise<Line> {
  const rows = await selectLines(db).where(eq(line.id, lineId))
  return toLine(present(rows[0], `line ${lineId}`))
}

export async function listUnfinished(
  db: Executor,
  { limit, after }: Parameters<RunStore['listUnfinished']>[0],
): Promise<QueueView[]> {
  const runs = await db
    .select()
    .from(run)
    .where(and(inArray(run.state, ['queued', 'running']), gt(run.id, after)))
    .orderBy(asc(run.id))
    .limit(limit)
  const lines = groupBy(
    await listLines(
      db,
      runs.map(({ id }) => id),
    ),
    ({ runId }) => runId,
  )
  return runs.map((row) => ({ run: toRun(row), lines: lines.get(row.id) ?? [] }))
}
