import { and, eq, inArray, sql } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { NewLine } from '../../core/ports/run-store.ts'
import { type Line, runIsDone } from '../../core/sync/run.ts'
import { assert } from '../../lib/assert.ts'
import type { Executor } from '../database.ts'
import { job } from '../schema/job.ts'
import { line } from '../schema/line.ts'
import { insertLines } from './insert-lines.ts'
import { lockRun } from './lock-run.ts'

export async function startLine(db: Executor, lineId: number): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    update couplet.line l
    set state = 'running', started_at = coalesce(l.started_at, clock_timestamp()), finished_at = null
    from couplet.run r
    where l.id = ${lineId} and l.state in ('ready', 'running') and r.id = l.run_id
      and r.state in ('queued', 'running')`)
  return rowCount === 1
}

export async function replanLine(db: Executor, lineId: number, mappingVersion: number): Promise<void> {
  await db.transaction(async (tx) => {
    const { rowCount } = await tx.update(line).set({ mappingVersion }).where(eq(line.id, lineId))
    assert(rowCount === 1, `line ${lineId} exists`)
    // All of them, also the ones that have succeeded: the new version has to be carried in both directions.
    await tx
      .update(job)
      .set({ checkpoint: null, state: 'ready', errorCode: null, errorMessage: null, finishedAt: null })
      .where(eq(job.lineId, lineId))
  })
}

export async function addLines(
  db: Executor,
  runId: number,
  lines: readonly NewLine[],
): Promise<readonly Line[]> {
  return db.transaction(async (tx) => {
    const run = await lockRun(tx, runId)
    if (runIsDone(run.state)) {
      throw new SyncError('RUN_UNKNOWN', `Run ${runId} has ended: it takes no further lines`, {
        data: { runId },
      })
    }
    return insertLines(tx, { runId, pairId: run.pairId, isPreview: run.options.dryRun }, lines)
  })
}

export async function raiseLineGeneration(
  db: Executor,
  { id, generation }: Pick<Line, 'id' | 'generation'>,
): Promise<number | null> {
  const rows = await db
    .update(line)
    .set({ generation: generation + 1 })
    .where(and(eq(line.id, id), eq(line.generation, generation), inArray(line.state, ['ready', 'running'])))
    .returning({ generation: line.generation })
  return rows[0]?.generation ?? null
}
