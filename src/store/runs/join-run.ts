import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { NewRun } from '../../core/ports/run-store.ts'
import type { Run } from '../../core/sync/run.ts'
import { present } from '../../lib/assert.ts'
import type { Executor } from '../database.ts'
import { job } from '../schema/job.ts'
import { joinedRequest } from '../schema/joined-request.ts'
import { line } from '../schema/line.ts'
import { run } from '../schema/run.ts'
import { requestRecords } from './request-records.ts'
import { toRun } from './rows.ts'

/**
 * The run that waits already and will do what is asked for, with the records of the request added to its own; null: there
 * is none. It stays locked until the transaction ends: whoever starts it waits, and finds the records.
 */
export async function joinWaitingRun(tx: Executor, request: NewRun): Promise<Run | null> {
  const equal = await lockEqualRun(tx, request)
  if (equal === null) return null
  const jobs = await listJobs(tx, equal.id)
  if (jobs.some(hasBegun)) return null
  await addRequests(tx, jobs, request)
  const { pairId, idempotencyKey, payloadHash } = request
  if (idempotencyKey !== null && payloadHash !== null)
    await tx.insert(joinedRequest).values({ pairId, idempotencyKey, payloadHash, runId: equal.id })
  return equal
}

/** Of the same person, for the same reason and with the same callback: nothing that was said is lost. */
async function lockEqualRun(tx: Executor, request: NewRun): Promise<Run | null> {
  const { pairId, kind, options, priority, requestedBy, reason, callbackUrl = null } = request
  const jobs = request.lines
    .flatMap(({ mappingId, mappingVersion, selection, jobType, directions }) =>
      directions.map((direction) => [mappingId, mappingVersion, selection, jobType, direction].join(' ')),
    )
    .sort()
  const [equal] = await tx
    .select()
    .from(run)
    .where(
      and(
        eq(run.pairId, pairId),
        eq(run.kind, kind),
        eq(run.state, 'queued'),
        isNull(run.cancelledBy),
        eq(run.priority, priority),
        eq(run.requestedBy, requestedBy),
        eq(run.reason, reason),
        sql`${run.callbackUrl} is not distinct from ${callbackUrl}::text`,
        sql`${run.options} = ${JSON.stringify(options)}::jsonb`,
        isNull(run.slot),
        sql`array(
          select concat_ws(' ', l.mapping_id, l.mapping_version, l.selection, j.type, j.direction) collate "C"
          from couplet.line l join couplet.job j on j.line_id = l.id where l.run_id = ${run.id} order by 1
        ) = array(select jsonb_array_elements_text(${JSON.stringify(jobs)}::jsonb) collate "C")`,
      ),
    )
    .orderBy(asc(run.id))
    .limit(1)
    .for('no key update', { skipLocked: true })
  return equal === undefined ? null : toRun(equal)
}

type WaitingJob = Awaited<ReturnType<typeof listJobs>>[number]

function listJobs(tx: Executor, runId: number) {
  return tx
    .select({
      id: job.id,
      mappingId: job.mappingId,
      direction: job.direction,
      lineState: line.state,
      lineStartedAt: line.startedAt,
    })
    .from(job)
    .innerJoin(line, eq(line.id, job.lineId))
    .where(eq(job.runId, runId))
}

/** Looked at behind the lock: a line may have been answered before its run was started. */
function hasBegun({ lineState, lineStartedAt }: WaitingJob): boolean {
  return lineStartedAt !== null || (lineState !== 'ready' && lineState !== 'pending')
}

async function addRequests(
  tx: Executor,
  jobs: readonly WaitingJob[],
  { pairId, lines }: NewRun,
): Promise<void> {
  const idOf = (mappingId: number, direction: string) =>
    present(
      jobs.find((each) => each.mappingId === mappingId && each.direction === direction),
      `job ${direction} of mapping ${mappingId}`,
    ).id
  const placed = lines.flatMap(({ mappingId, requests }) =>
    requests.map((each) => ({ ...each, pairId, mappingId, jobIds: [idOf(mappingId, each.direction)] })),
  )
  await requestRecords(tx, placed)
}
