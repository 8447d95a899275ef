import type { NewRun } from '../../../src/core/ports/run-store.ts'
import type { Run } from '../../../src/core/sync/run.ts'
import { present } from '../../../src/lib/assert.ts'
import { requestRecord, toRun } from './run-rows.ts'
import type { RunRow, Tables } from './tables.ts'

/** The run that waits already and will do what is asked for, with the records of the request added to its own. */
export function joinWaitingRun(tables: Tables, request: NewRun): Run | null {
  const found = tables.runs.find((run) => isEqual(tables, run, request) && !hasBegun(tables, run.id))
  if (!found) return null
  for (const { mappingId, requests } of request.lines)
    for (const each of requests) {
      const job = tables.jobs.find(
        (one) => one.runId === found.id && one.mappingId === mappingId && one.direction === each.direction,
      )
      requestRecord(tables, mappingId, [present(job, `job ${each.direction} of run ${found.id}`).id], each)
    }
  const { pairId, idempotencyKey, payloadHash } = request
  if (idempotencyKey !== null && payloadHash !== null)
    tables.joinedRequests.insert({ pairId, idempotencyKey, payloadHash, runId: found.id })
  return toRun(found)
}

function isEqual(tables: Tables, run: RunRow, request: NewRun): boolean {
  const { pairId, kind, priority, requestedBy, reason, options, lines, callbackUrl = null } = request
  const isSame =
    run.state === 'queued' &&
    run.cancelledBy === null &&
    run.slot === null &&
    run.pairId === pairId &&
    run.kind === kind &&
    run.priority === priority &&
    run.requestedBy === requestedBy &&
    run.reason === reason &&
    (run.callbackUrl ?? null) === callbackUrl
  if (!isSame || JSON.stringify(run.options) !== JSON.stringify(options)) return false
  const asked = lines.flatMap((line) =>
    line.directions.map((each) =>
      [line.mappingId, line.mappingVersion, line.selection, line.jobType, each].join(),
    ),
  )
  const planned = tables.jobs
    .where((job) => job.runId === run.id)
    .map((job) => {
      const { mappingVersion, selection } = tables.lines.get(job.lineId, 'line')
      return [job.mappingId, mappingVersion, selection, job.type, job.direction].join()
    })
  return asked.sort().join(';') === planned.sort().join(';')
}

function hasBegun(tables: Tables, runId: number): boolean {
  const lines = tables.lines.where((line) => line.runId === runId)
  return lines.some(
    ({ state, startedAt }) => startedAt !== null || (state !== 'ready' && state !== 'pending'),
  )
}
