import { eq, sql } from 'drizzle-orm'
import type { NewRun } from '../../core/ports/run-store.ts'
import type { Run } from '../../core/sync/run.ts'
import { present } from '../../lib/assert.ts'
import type { Executor } from '../database.ts'
import { joinedRequest } from '../schema/joined-request.ts'
import { line } from '../schema/line.ts'
import { getRunRow } from './read-runs.ts'
import { requestRecords } from './request-records.ts'
import { listJobsOfRun } from './rows.ts'

/**
 * The run that waits already and will do what is asked for, with the records of the request added to its own; null: there
 * is none. It stays locked until the transaction ends: whoever starts it waits, and finds the records.
 */
export async function joinWaitingRun(tx: Executor, request: NewRun): Promise<Run | null> {
  const runId = await lockEqualRun(tx, request)
  if (runId === null || (await hasBegun(tx, runId))) return null
  await addRequests(tx, runId, request)
  const { pairId, idempotencyKey, payloadHash } = request
  if (idempotencyKey !== null && payloadHash !== null)
    await tx.insert(joinedRequest).values({ pairId, idempotencyKey, payloadHash, runId })
  return getRunRow(tx, runId)
}

/** Of the same person, for the same reason and with the same callback: nothing that was said is lost. */
async function lockEqualRun(tx: Executor, request: NewRun): Promise<number | null> {
  const { pairId, kind, options, priority, requestedBy, reason, callbackUrl = null } = request
  const jobs = request.lines
    .flatMap(({ mappingId, mappingVersion, selection, jobType, directions }) =>
      directions.map((direction) => [mappingId, mappingVersion, selection, jobType, direction].join(' ')),
    )
    .sort()
  const { rows } = await tx.execute<{ id: string }>(sql`
    select r.id from couplet.run r
    where r.pair_id = ${pairId} and r.kind = ${kind} and r.state = 'queued' and r.cancelled_by is null
      and r.priority = ${priority} and r.requested_by = ${requestedBy} and r.reason = ${reason}
      and r.callback_url is not distinct from ${callbackUrl}::text
      and r.options = ${JSON.stringify(options)}::jsonb and r.slot is null
      and array(
        select concat_ws(' ', l.mapping_id, l.mapping_version, l.selection, j.type, j.direction) collate "C"
        from couplet.line l join couplet.job j on j.line_id = l.id where l.run_id = r.id order by 1
      ) = array(select jsonb_array_elements_text(${JSON.stringify(jobs)}::jsonb) collate "C")
    order by r.id limit 1 for no key update of r skip locked`)
  return rows[0] === undefined ? null : Number(rows[0].id)
}

/** Looked at behind the lock: a line may have been answered before its run was started. */
async function hasBegun(tx: Executor, runId: number): Promise<boolean> {
  const lines = await tx
    .select({ state: line.state, startedAt: line.startedAt })
    .from(line)
    .where(eq(line.runId, runId))
  return lines.some(
    ({ state, startedAt }) => startedAt !== null || (state !== 'ready' && state !== 'pending'),
  )
}

async function addRequests(tx: Executor, runId: number, { pairId, lines }: NewRun): Promise<void> {
  const requests = lines.flatMap(({ mappingId, requests }) =>
    requests.map((each) => ({ ...each, mappingId })),
  )
  if (requests.length === 0) return
  const jobs = await listJobsOfRun(tx, runId)
  const idOf = (mappingId: number, direction: string) =>
    present(
      jobs.find((job) => job.mappingId === mappingId && job.direction === direction),
      `job ${direction} of run ${runId}`,
    ).id
  await requestRecords(
    tx,
    requests.map((each) => ({ ...each, pairId, jobIds: [idOf(each.mappingId, each.direction)] })),
  )
}
