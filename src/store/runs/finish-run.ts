import { and, eq, inArray, sql } from 'drizzle-orm'
import { type LineState, lineIsDone, type Run, type RunState, runIsDone } from '../../core/sync/run.ts'
import { assert } from '../../lib/assert.ts'
import { clock, type Executor } from '../database.ts'
import { clearPreview } from '../previews/result.ts'
import { job } from '../schema/job.ts'
import { line } from '../schema/line.ts'
import { run } from '../schema/run.ts'
import { tellRunFinished } from '../webhooks/tell-run.ts'
import { endState } from './end-state.ts'
import { lockRun } from './lock-run.ts'
import { getRunRow } from './read-runs.ts'
import { failureColumns, listJobsOfRun, listLines } from './rows.ts'

export async function startRun(db: Executor, runId: number): Promise<void> {
  await db
    .update(run)
    .set({ state: 'running', startedAt: sql`coalesce(${run.startedAt}, clock_timestamp())` })
    .where(and(eq(run.id, runId), eq(run.state, 'queued')))
}

export async function finishRunIfDone(db: Executor, runId: number): Promise<Run> {
  return db.transaction(async (tx) => {
    const current = await lockRun(tx, runId)
    return runIsDone(current.state) ? current : endIfDone(tx, current)
  })
}

/** Under the lock of the run, which has not ended. */
export async function endIfDone(tx: Executor, current: Run): Promise<Run> {
  const lines = await listLines(tx, [current.id])
  if (!lines.every(({ state }) => lineIsDone(state))) return current
  const jobs = await listJobsOfRun(tx, current.id)
  await writeState(tx, current.id, endState(lines, jobs))
  if (jobs.some(({ state }) => state === 'ready')) await endWaitingJobs(tx, current.id)
  const ended = await getRunRow(tx, current.id)
  await tellRunFinished(tx, ended, lines, jobs)
  return ended
}

/** Lines that have not begun end with the run, with its error; a retry begins with them. */
export async function failRun(db: Executor, runId: number, error: NonNullable<Run['error']>): Promise<void> {
  await db.transaction(async (tx) => {
    const before = await lockRun(tx, runId)
    await endWaitingLines(tx, runId, 'failed', error)
    await writeState(tx, runId, 'failed', error)
    await endWaitingJobs(tx, runId)
    if (runIsDone(before.state)) return
    const [lines, jobs] = [await listLines(tx, [runId]), await listJobsOfRun(tx, runId)]
    await tellRunFinished(tx, await getRunRow(tx, runId), lines, jobs)
  })
}

async function writeState(
  tx: Executor,
  runId: number,
  state: RunState,
  error: Run['error'] = null,
): Promise<void> {
  const { rowCount } = await tx
    .update(run)
    .set({ state, ...failureColumns(error), finishedAt: runIsDone(state) ? clock : null })
    .where(eq(run.id, runId))
  assert(rowCount === 1, `run ${runId} exists`)
  if (runIsDone(state)) await clearPreview(tx, runId)
}

export async function endWaitingLines(
  tx: Executor,
  runId: number,
  state: LineState,
  error: Run['error'],
): Promise<void> {
  await tx
    .update(line)
    .set({ state, ...failureColumns(error), finishedAt: clock })
    .where(and(eq(line.runId, runId), inArray(line.state, ['pending', 'ready'])))
}

/** Of a run that has ended nothing waits any more, also where a line never began because another one has failed. */
async function endWaitingJobs(tx: Executor, runId: number): Promise<void> {
  await tx
    .update(job)
    .set({ state: 'cancelled', finishedAt: clock })
    .where(and(eq(job.runId, runId), eq(job.state, 'ready')))
}

export async function raiseRunGeneration(
  db: Executor,
  { id, generation }: Pick<Run, 'id' | 'generation'>,
): Promise<number | null> {
  const rows = await db
    .update(run)
    .set({ generation: generation + 1 })
    .where(and(eq(run.id, id), eq(run.generation, generation), inArray(run.state, ['queued', 'running'])))
    .returning({ generation: run.generation })
  return rows[0]?.generation ?? null
}
