import { eq, sql } from 'drizzle-orm'
import type { Fence } from '../../core/ports/lease-store.ts'
import type { Job, JobState } from '../../core/sync/run.ts'
import { addCosts, type StepCosts, zeroCosts } from '../../core/sync/step-costs.ts'
import { assert } from '../../lib/assert.ts'
import { clock, type Executor } from '../database.ts'
import { assertFence } from '../leases/fence.ts'
import { job } from '../schema/job.ts'
import { failureColumns } from './rows.ts'

export async function startJob(
  db: Executor,
  jobId: number,
  fence: Fence,
  estimatedRows: number | null,
): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    const { rowCount } = await tx.execute(sql`
      update couplet.job set state = 'running', started_at = coalesce(started_at, clock_timestamp()),
        estimated_rows = coalesce(${estimatedRows}::bigint, estimated_rows)
      where id = ${jobId} and state in ('ready', 'running')`)
    assert(rowCount === 1, `job ${jobId} exists and has not ended`)
  })
}

export async function finishJob(
  db: Executor,
  jobId: number,
  fence: Fence,
  state: JobState,
  error: Job['error'],
): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    const { rowCount } = await tx
      .update(job)
      .set({ state: honestState(state), ...failureColumns(error), finishedAt: clock })
      .where(eq(job.id, jobId))
    assert(rowCount === 1, `job ${jobId} exists`)
  })
}

export async function addStepCosts(
  db: Executor,
  jobId: number,
  fence: Fence,
  costs: StepCosts,
): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    const [row] = await tx.select({ before: job.stepCosts }).from(job).where(eq(job.id, jobId))
    await tx
      .update(job)
      .set({ stepCosts: addCosts(row?.before ?? zeroCosts, costs) })
      .where(eq(job.id, jobId))
  })
}

/** Success is never said of a job some of whose records did not succeed. */
export function honestState(state: JobState) {
  if (state !== 'succeeded') return state
  const failures = sql`${job.failed} + ${job.waiting} + ${job.conflict} + ${job.skipped}`
  return sql`case when ${failures} > 0 then 'succeeded-with-failures' else 'succeeded' end`
}
