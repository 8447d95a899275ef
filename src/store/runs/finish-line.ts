import { and, eq, inArray } from 'drizzle-orm'
import type { Fence } from '../../core/ports/lease-store.ts'
import { type Line, type LineState, lineIsDone } from '../../core/sync/run.ts'
import { clock, type Executor } from '../database.ts'
import { assertFence } from '../leases/fence.ts'
import { job } from '../schema/job.ts'
import { line } from '../schema/line.ts'
import { updateGraph } from './apply-graph.ts'
import { lockRun } from './lock-run.ts'
import { getLine } from './read-runs.ts'
import { failureColumns, listLines } from './rows.ts'

export async function finishLine(
  db: Executor,
  lineId: number,
  state: LineState,
  error: Line['error'],
  fence: Fence | null,
): Promise<readonly Line[]> {
  return db.transaction(async (tx) => {
    if (fence) await assertFence(tx, fence)
    const { runId } = await getLine(tx, lineId)
    await lockRun(tx, runId)
    const before = await listLines(tx, [runId])
    const isReady = (candidate: Line) => candidate.state === 'ready'
    if (before.some(({ id, state: current }) => id === lineId && lineIsDone(current))) {
      return before.filter(isReady)
    }
    await endLine(tx, lineId, state, error)
    const wasReady = new Set(before.filter(isReady).map(({ id }) => id))
    return (await updateGraph(tx, runId)).filter((after) => isReady(after) && !wasReady.has(after.id))
  })
}

/** A line that did not finish takes the jobs it leaves behind with it: nothing is shown as running that is not. */
async function endLine(tx: Executor, lineId: number, state: LineState, error: Line['error']): Promise<void> {
  await tx
    .update(line)
    .set({ state, ...failureColumns(error), finishedAt: clock })
    .where(eq(line.id, lineId))
  if (state !== 'failed' && state !== 'cancelled') return
  await tx
    .update(job)
    .set({ state, ...failureColumns(error), finishedAt: clock })
    .where(and(eq(job.lineId, lineId), inArray(job.state, ['ready', 'running'])))
}
