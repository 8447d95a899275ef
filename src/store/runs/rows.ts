import { asc, eq, getTableColumns, inArray } from 'drizzle-orm'
import { type Counters, zeroCounters } from '../../core/sync/outcome.ts'
import type { Job, Line, Run } from '../../core/sync/run.ts'
import type { Executor } from '../database.ts'
import { job } from '../schema/job.ts'
import { line } from '../schema/line.ts'
import { run } from '../schema/run.ts'
import { tableMapping } from '../schema/table-mapping.ts'

type Failure = Run['error']

function toFailure(row: { errorCode: string | null; errorMessage: string | null }): Failure {
  return row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? '' }
}

/** The two columns an error is stored in. */
export function failureColumns(error: Failure): { errorCode: string | null; errorMessage: string | null } {
  return { errorCode: error?.code ?? null, errorMessage: error?.message ?? null }
}

export function toRun(row: typeof run.$inferSelect): Run {
  const { payloadHash: _hash, callbackUrl: _url, errorCode: _code, errorMessage: _message, ...rest } = row
  return { ...rest, error: toFailure(row) }
}

export function selectLines(db: Executor) {
  return db
    .select({ ...getTableColumns(line), mappingName: tableMapping.name })
    .from(line)
    .innerJoin(tableMapping, eq(tableMapping.id, line.mappingId))
    .$dynamic()
}

export function toLine(row: Awaited<ReturnType<typeof selectLines>>[number]): Line {
  const { createdAt: _created, errorCode: _code, errorMessage: _message, ...rest } = row
  return { ...rest, error: toFailure(row) }
}

/** In order of position. */
export async function listLines(db: Executor, runIds: readonly number[]): Promise<Line[]> {
  if (runIds.length === 0) return []
  const rows = await selectLines(db)
    .where(inArray(line.runId, [...runIds]))
    .orderBy(asc(line.runId), asc(line.position), asc(line.id))
  return rows.map(toLine)
}

export function selectJobs(db: Executor) {
  return db
    .select({ ...getTableColumns(job), mappingName: tableMapping.name, options: run.options })
    .from(job)
    .innerJoin(tableMapping, eq(tableMapping.id, job.mappingId))
    .innerJoin(run, eq(run.id, job.runId))
    .$dynamic()
}

export function toJob(row: Awaited<ReturnType<typeof selectJobs>>[number]): Job {
  return {
    id: row.id,
    lineId: row.lineId,
    runId: row.runId,
    mappingId: row.mappingId,
    mappingName: row.mappingName,
    type: row.type,
    direction: row.direction,
    preview: row.options.dryRun,
    state: row.state,
    counters: toCounters(row),
    checkpoint: row.checkpoint,
    estimatedRows: row.estimatedRows,
    stepCosts: row.stepCosts,
    takeovers: row.takeovers,
    error: toFailure(row),
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
  }
}

function toCounters(row: Counters): Counters {
  const counters = { ...zeroCounters }
  for (const name of Object.keys(zeroCounters) as (keyof Counters)[]) counters[name] = row[name]
  return counters
}

/** In the order in which they run. */
export async function listJobsOfRun(db: Executor, runId: number): Promise<Job[]> {
  const rows = await selectJobs(db).where(eq(job.runId, runId)).orderBy(asc(job.id))
  return rows.map(toJob)
}
