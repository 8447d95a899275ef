import { and, eq, inArray, sql } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import type { QueueView } from '../../core/ports/run-store.ts'
import { type Line, lineIsDone, type Run } from '../../core/sync/run.ts'
import type { Executor } from '../database.ts'
import { violates } from '../database-errors.ts'
import { appendAudit } from '../operations/audit.ts'
import { job } from '../schema/job.ts'
import { line } from '../schema/line.ts'
import { run } from '../schema/run.ts'
import { updateGraph } from './apply-graph.ts'
import { findRunningFull } from './create-run.ts'
import { lockRun } from './lock-run.ts'
import { getRunRow } from './read-runs.ts'
import { listLines } from './rows.ts'

/**
 * Failed and cancelled lines wait again, the graph makes them and the lines they blocked ready or pending, and everything that is to
 * run again gets a new queue id. Their jobs keep counters and checkpoint: the work goes on where it stopped. A finished
 * line that is named begins from the start; its counters go on, because all of it has happened.
 */
export async function retryLines(
  db: Executor,
  runId: number,
  lineIds: readonly number[] | null,
  act: Act,
): Promise<QueueView> {
  try {
    return await db.transaction(async (tx) => {
      const stopped = await lockRun(tx, runId)
      if (stopped.options.dryRun) throw nothingToRetry(runId, 'is a preview: ask for it again')
      const before = await listLines(tx, [runId])
      await resetFailedLines(tx, before, lineIds)
      const after = await updateGraph(tx, runId)
      const revived = findRevived(before, after, lineIds)
      if (revived.length === 0) throw nothingToRetry(runId, 'has no failed line of that kind')
      await raiseGenerations(tx, revived)
      await reviveJobs(tx, revived)
      await reopenRun(tx, runId)
      const view = { run: await getRunRow(tx, runId), lines: await listLines(tx, [runId]) }
      await writeAudit(tx, stopped, revived, act)
      return view
    })
  } catch (error) {
    if (!violates(error, 'run_one_full')) throw error
    throw (await findRunningFull(db, (await getRunRow(db, runId)).pairId)) ?? error
  }
}

/** A run that goes on forgets who had cancelled it; the log does not. */
async function writeAudit(
  tx: Executor,
  { id, state, cancelledBy }: Run,
  lines: readonly number[],
  { by, reason }: Act,
): Promise<void> {
  await appendAudit(tx, {
    actor: by,
    action: 'run.retry',
    subject: `run ${id}`,
    reason,
    before: { state, cancelledBy },
    after: { state: 'running', cancelledBy: null },
    detail: { lines },
  })
}

const again = { errorCode: null, errorMessage: null, finishedAt: null }

async function resetFailedLines(
  tx: Executor,
  lines: readonly Line[],
  lineIds: readonly number[] | null,
): Promise<void> {
  const isAsked = (line: Line) => lineIds?.includes(line.id) ?? false
  const finished = lines.filter((line) => line.state === 'finished' && isAsked(line)).map(({ id }) => id)
  const failed = lines.filter((line) => hasStopped(line) && (lineIds === null || isAsked(line)))
  const ids = [...failed.map(({ id }) => id), ...finished]
  if (ids.length === 0) return
  await tx
    .update(line)
    .set({ state: 'pending', ...again })
    .where(inArray(line.id, ids))
  if (finished.length === 0) return
  await tx
    .update(job)
    .set({ state: 'ready', checkpoint: null, ...again })
    .where(inArray(job.lineId, finished))
}

/** Those that have ended well stay so. */
async function reviveJobs(tx: Executor, lineIds: readonly number[]): Promise<void> {
  await tx
    .update(job)
    .set({ state: 'ready', ...again })
    .where(and(inArray(job.lineId, [...lineIds]), inArray(job.state, ['failed', 'cancelled', 'running'])))
}

/** What was asked for through a cancelled line of requests is gone, so there is nothing to go on with. */
function hasStopped({ state, selection }: Line): boolean {
  return state === 'failed' || (state === 'cancelled' && selection !== 'requests')
}

/** Lines that were over and will run: a line asked for that stays blocked by another one is not among them. */
function findRevived(
  before: readonly Line[],
  after: readonly Line[],
  lineIds: readonly number[] | null,
): number[] {
  const wasOver = new Set(before.filter(({ state }) => lineIsDone(state)).map(({ id }) => id))
  const revived = after.filter(
    ({ id, state }) => wasOver.has(id) && (state === 'ready' || state === 'pending'),
  )
  const isAsked = lineIds === null || revived.some(({ id }) => lineIds.includes(id))
  return isAsked ? revived.map(({ id }) => id) : []
}

async function raiseGenerations(tx: Executor, lineIds: readonly number[]): Promise<void> {
  await tx
    .update(line)
    .set({ generation: sql`${line.generation} + 1` })
    .where(inArray(line.id, [...lineIds]))
}

async function reopenRun(tx: Executor, runId: number): Promise<void> {
  await tx
    .update(run)
    .set({
      state: 'running',
      generation: sql`${run.generation} + 1`,
      errorCode: null,
      errorMessage: null,
      cancelledBy: null,
      finishedAt: null,
    })
    .where(eq(run.id, runId))
}

function nothingToRetry(runId: number, why: string): SyncError {
  return new SyncError('NOTHING_TO_RETRY', `Run ${runId} ${why}`, { data: { runId } })
}
