import { sourceSide } from '../../../src/core/mapping/definition.ts'
import type { NewLine, RecordRequest } from '../../../src/core/ports/run-store.ts'
import { applyGraph } from '../../../src/core/sync/graph.ts'
import { zeroCounters } from '../../../src/core/sync/outcome.ts'
import type { Job, Line, LineState, Run } from '../../../src/core/sync/run.ts'
import { assert, present } from '../../../src/lib/assert.ts'
import { requestPreview } from './preview-rows.ts'
import type { JobRow, LineRow, RunRow, Tables } from './tables.ts'

export function toRun({ payloadHash: _hash, callbackUrl: _url, ...run }: RunRow): Run {
  return run
}

export function toLine(tables: Tables, row: LineRow): Line {
  return { ...row, mappingName: tables.mappingName(row.mappingId) }
}

export function toJob(tables: Tables, row: JobRow): Job {
  const preview = tables.runs.get(row.runId, 'run').options.dryRun
  return { ...row, preview, mappingName: tables.mappingName(row.mappingId) }
}

export function listLines(tables: Tables, runId: number): readonly Line[] {
  return tables.lines
    .where((line) => line.runId === runId)
    .sort((a, b) => a.position - b.position || a.id - b.id)
    .map((line) => toLine(tables, line))
}

/** Brings the waiting lines of a run up to date; returns all its lines as they are then. */
export function updateGraph(tables: Tables, runId: number): readonly Line[] {
  for (const { id, state, blockedBy } of applyGraph(listLines(tables, runId)))
    tables.lines.update(id, { state, blockedBy, finishedAt: state === 'blocked' ? tables.now() : null })
  return listLines(tables, runId)
}

/** Lines, jobs and inbox rows of a run. Returns all lines of the run. */
export function insertLines(
  tables: Tables,
  owner: { readonly id: number; readonly pairId: number },
  plans: readonly NewLine[],
): readonly Line[] {
  const inserted = plans.map((plan) => ({ plan, id: insertLine(tables, owner, plan) }))
  const isNew = new Set(inserted.map(({ id }) => id))
  for (const { plan, id } of inserted) {
    const dependsOn = plan.dependsOn.flatMap((name) => {
      const ids = listLines(tables, owner.id).flatMap((line) => (line.mappingName === name ? [line.id] : []))
      assert(ids.length > 0, `run ${owner.id} has a line for ${name}`)
      return ids.some((each) => isNew.has(each)) ? ids.filter((each) => isNew.has(each)) : ids
    })
    tables.lines.update(id, { dependsOn })
  }
  for (const { plan, id } of inserted) insertJobs(tables, owner.id, plan, id)
  return updateGraph(tables, owner.id)
}

function insertLine(tables: Tables, owner: { id: number; pairId: number }, plan: NewLine): number {
  const { mappingId, mappingVersion, position, selection, ignoredDependencies } = plan
  const row = tables.lines.insert({
    runId: owner.id,
    pairId: owner.pairId,
    mappingId,
    mappingVersion,
    position,
    selection,
    ignoredDependencies,
    state: 'pending',
    dependsOn: [],
    generation: 1,
    error: null,
    blockedBy: [],
    startedAt: null,
    finishedAt: null,
  })
  return row.id
}

function insertJobs(tables: Tables, runId: number, plan: NewLine, lineId: number): void {
  const { mappingId, directions, requests } = plan
  const jobs = new Map<string, number>()
  const isPreview = tables.runs.get(runId, 'run').options.dryRun
  for (const direction of directions) {
    const job = tables.jobs.insert({
      lineId,
      runId,
      mappingId,
      type: plan.jobType,
      direction,
      state: 'ready',
      counters: zeroCounters,
      checkpoint: null,
      stepCosts: null,
      takeovers: 0,
      estimatedRows: null,
      error: null,
      createdAt: tables.now(),
      startedAt: null,
      finishedAt: null,
    })
    jobs.set(direction, job.id)
  }
  for (const request of requests) {
    const jobId = present(jobs.get(request.direction), `job ${request.direction} of line ${lineId}`)
    if (!isPreview) requestRecord(tables, mappingId, [jobId], request)
    else requestPreview(tables, runId, { ...request, mappingId, jobIds: [jobId] })
  }
}

/**
 * A record that waits already gets a new `seq` and gives its outcome to the jobs of both requests. Who asks for a new
 * partner by hand no longer wants the record to stay uncoupled.
 */
export function requestRecord(
  tables: Tables,
  mappingId: number,
  jobIds: readonly number[],
  request: RecordRequest,
): void {
  const { direction, key, force, createMissing, task = null } = request
  const seq = tables.nextNumber()
  if (request.releases) releaseMemory(tables, mappingId, request)
  const waiting = tables.inbox.find(
    (row) => row.mappingId === mappingId && row.direction === direction && row.key === key,
  )
  if (!waiting) {
    const isWantedAnyway = jobIds.length === 0
    tables.inbox.insert({
      mappingId,
      direction,
      key,
      seq,
      jobIds,
      isWantedAnyway,
      force,
      createMissing,
      task,
    })
    return
  }
  tables.inbox.update(waiting.id, {
    seq,
    jobIds: [...new Set([...waiting.jobIds, ...jobIds])].sort((a, b) => a - b),
    isWantedAnyway: waiting.isWantedAnyway || jobIds.length === 0,
    force: waiting.force || force,
    createMissing: waiting.createMissing || createMissing,
    task: task ?? waiting.task,
  })
}

function releaseMemory(tables: Tables, mappingId: number, { direction, key }: RecordRequest): void {
  const side = sourceSide[direction]
  for (const row of tables.uncoupled.where(
    (each) => each.mappingId === mappingId && each[keyOf[side]] === key,
  ))
    tables.uncoupled.update(row.id, { released: { ...row.released, [side]: true } })
}

const keyOf = { local: 'localKey', remote: 'remoteKey' } as const

export function endWaitingLines(tables: Tables, runId: number, state: LineState, error: Run['error']): void {
  const isWaiting = (line: LineRow) =>
    line.runId === runId && (line.state === 'pending' || line.state === 'ready')
  tables.lines.updateWhere(isWaiting, { state, error, finishedAt: tables.now() })
}
