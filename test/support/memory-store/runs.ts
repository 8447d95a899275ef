import { SyncError } from '../../../src/core/errors.ts'
import type { NewRun, RunDetails, RunStore } from '../../../src/core/ports/run-store.ts'
import { lineIsDone, type Run, runIsDone } from '../../../src/core/sync/run.ts'
import { endState } from '../../../src/store/runs/end-state.ts'
import { joinWaitingRun } from './join-run.ts'
import { assertFence } from './leases.ts'
import {
  addLines,
  addStepCosts,
  finishAnsweredLine,
  finishJob,
  finishLine,
  replanLine,
  retryLines,
  startJob,
  startLine,
} from './lines.ts'
import { isWithin, listRuns } from './list-runs.ts'
import { clearPreview, copyDueIssues } from './preview-rows.ts'
import { endWaitingLines, insertLines, requestRecord, toJob, toLine, toRun } from './run-rows.ts'
import { findRunningFull, fullRunning } from './running-full.ts'
import type { RunRow, Tables } from './tables.ts'

export function createRunStore(tables: Tables): RunStore {
  const starts = new Map<number, { readonly count: number; readonly mark: string }>()
  return {
    createRun: async (run) => tables.run(() => createRun(tables, run)),
    findSameRun: async (request) => findSameRun(tables, request),
    getRun: async (runId) => getRun(tables, runId),
    listRuns: async (query) => listRuns(tables, query),
    requestRecords: async ({ id }, requests) => {
      for (const request of requests) requestRecord(tables, id, [], request)
      const drains = (lineId: number, direction: string) =>
        tables.jobs.find((job) => job.lineId === lineId && job.direction === direction) !== undefined
      const isWaiting = (line: { id: number; mappingId: number; state: string; selection: string }) =>
        line.mappingId === id &&
        line.state === 'ready' &&
        line.selection === 'requests' &&
        requests.every(({ direction }) => drains(line.id, direction))
      return tables.lines.find(isWaiting)?.runId ?? null
    },
    listJobs: async ({ limit, before, mapping, state, pairId, runId, code, ...times }) =>
      tables.jobs
        .where((job) => (before === null || job.id < before) && (state == null || job.state === state))
        .filter((job) => runId == null || job.runId === runId)
        .filter((job) => pairId == null || tables.runs.get(job.runId, 'run').pairId === pairId)
        .filter((job) => code == null || job.error?.code === code)
        .filter(({ createdAt }) => isWithin(createdAt, times))
        .map((job) => toJob(tables, job))
        .filter((job) => mapping === null || job.mappingName === mapping)
        .reverse()
        .slice(0, limit),
    getLine: async (lineId) => toLine(tables, tables.lines.get(lineId, 'line')),
    startLine: async (lineId) => startLine(tables, lineId),
    countStart: async (lineId) => {
      const jobs = tables.jobs.where((job) => job.lineId === lineId)
      const mark = JSON.stringify(jobs.map(({ counters, checkpoint }) => [counters.read, checkpoint]))
      const before = starts.get(lineId)
      const count = before?.mark === mark ? before.count + 1 : 1
      starts.set(lineId, { count, mark })
      return count
    },
    forgetStarts: async (lineId) => void starts.delete(lineId),
    startJob: async (...args) => startJob(tables, ...args),
    finishJob: async (...args) => finishJob(tables, ...args),
    recordTakeover: async (mappingId, fence) => {
      assertFence(tables, fence)
      for (const { id, takeovers } of tables.jobs.where(
        ({ runId, ...job }) =>
          job.mappingId === mappingId &&
          job.state === 'running' &&
          !tables.runs.get(runId, 'run').options.dryRun,
      ))
        tables.jobs.update(id, { takeovers: takeovers + 1 })
    },
    addStepCosts: async (...args) => addStepCosts(tables, ...args),
    finishLine: async (...args) => tables.run(() => finishLine(tables, ...args)),
    finishAnsweredLine: async (lineId) => tables.run(() => finishAnsweredLine(tables, lineId)),
    replanLine: async (lineId, mappingVersion) => replanLine(tables, lineId, mappingVersion),
    startRun: async (runId) => {
      const run = tables.runs.byId(runId)
      if (run?.state === 'queued')
        tables.runs.update(runId, { state: 'running', startedAt: run.startedAt ?? tables.now() })
    },
    finishRunIfDone: async (runId) => tables.run(() => finishRunIfDone(tables, runId)),
    failRun: async (runId, error) => {
      tables.run(() => {
        endWaitingLines(tables, runId, 'failed', error)
        writeState(tables, runId, 'failed', error)
      })
    },
    addLines: async (runId, lines) => tables.run(() => addLines(tables, runId, lines)),
    listUnfinished: async ({ limit, after }) =>
      tables.runs
        .where((run) => run.id > after && !runIsDone(run.state))
        .slice(0, limit)
        .map((run) => ({ run: toRun(run), lines: getRun(tables, run.id).lines })),
    raiseRunGeneration: async ({ id, generation }) => {
      const now = tables.runs.get(id, 'run')
      if (now.generation !== generation || runIsDone(now.state)) return null
      return tables.runs.update(id, { generation: generation + 1 }).generation
    },
    raiseLineGeneration: async ({ id, generation }) => {
      const now = tables.lines.get(id, 'line')
      if (now.generation !== generation || !['ready', 'running'].includes(now.state)) return null
      return tables.lines.update(id, { generation: generation + 1 }).generation
    },
    retryLines: async (runId, lineIds) => tables.run(() => retryLines(tables, runId, lineIds)),
    listFailedRecords: async (runId) => listFailedRecords(tables, runId),
    cancelRun: async (runId, { by }) => tables.run(() => cancelRun(tables, runId, by)),
    isCancelled: async (runId) => tables.runs.get(runId, 'run').cancelledBy !== null,
  }
}

function cancelRun(tables: Tables, runId: number, by: string): Run {
  const current = getRow(tables, runId)
  if (runIsDone(current.state)) throw new SyncError('RUN_ENDED', `Run ${runId} has ended`)
  if (current.cancelledBy !== null) return toRun(current)
  tables.runs.update(runId, { cancelledBy: by })
  endWaitingLines(tables, runId, 'cancelled', null)
  const jobs = tables.jobs.where((job) => job.runId === runId)
  for (const { id, lineId } of jobs.filter(({ state }) => state === 'ready' || state === 'running'))
    if (tables.lines.get(lineId, 'line').state === 'cancelled')
      tables.jobs.update(id, { state: 'cancelled', finishedAt: tables.now() })
  const own = new Set(jobs.map(({ id }) => id))
  const isOwn = (jobId: number) => own.has(jobId)
  tables.inbox.removeWhere((row) => !row.isWantedAnyway && row.jobIds.length > 0 && row.jobIds.every(isOwn))
  for (const { id, jobIds } of tables.inbox.where((row) => row.jobIds.some(isOwn)))
    tables.inbox.update(id, { jobIds: jobIds.filter((jobId) => !isOwn(jobId)) })
  return finishRunIfDone(tables, runId)
}

function createRun(
  tables: Tables,
  { lines, deduplicate = false, ...request }: NewRun,
): Awaited<ReturnType<RunStore['createRun']>> {
  const same = findSameRun(tables, request)
  if (same) return { run: same, created: false, lines: [] }
  const joined = deduplicate ? joinWaitingRun(tables, { lines, ...request }) : null
  if (joined) return { run: joined, created: false, lines: [] }
  refuseSecondFull(tables, request)
  const row = tables.runs.insert({
    ...request,
    state: 'queued',
    generation: 1,
    error: null,
    cancelledBy: null,
    createdAt: tables.now(),
    startedAt: null,
    finishedAt: null,
  })
  insertLines(tables, row, lines)
  if (row.options.dryRun && lines.some(({ selection }) => selection !== 'requests'))
    copyDueIssues(tables, row.id)
  return { run: toRun(row), created: true, lines: getRun(tables, row.id).lines }
}

function findSameRun(tables: Tables, request: Parameters<RunStore['findSameRun']>[0]): Run | null {
  const { pairId, idempotencyKey, payloadHash, scheduleId, slot } = request
  if (idempotencyKey !== null) {
    const found =
      tables.runs.find((run) => run.pairId === pairId && run.idempotencyKey === idempotencyKey) ??
      tables.joinedRequests.find((each) => each.pairId === pairId && each.idempotencyKey === idempotencyKey)
    if (found !== undefined) {
      const runId = 'runId' in found ? found.runId : found.id
      if (found.payloadHash !== payloadHash) throw keyReused(idempotencyKey, runId)
      return toRun(getRow(tables, runId))
    }
  }
  if (scheduleId === null || slot === null) return null
  const found = tables.runs.find((run) => run.scheduleId === scheduleId && run.slot === slot)
  return found ? toRun(found) : null
}

function keyReused(key: string, runId: number): SyncError {
  return new SyncError('RUN_KEY_REUSED', `The idempotency key '${key}' belongs to run ${runId}`, {
    data: { key, runId },
  })
}

function refuseSecondFull(
  tables: Tables,
  { kind, pairId, options }: Pick<NewRun, 'kind' | 'pairId' | 'options'>,
): void {
  const other = kind === 'full' && !options.dryRun ? findRunningFull(tables, pairId) : undefined
  if (other) throw fullRunning(other)
}

function getRun(tables: Tables, runId: number): RunDetails {
  const run = getRow(tables, runId)
  return {
    run: toRun(run),
    lines: tables.lines
      .where((line) => line.runId === runId)
      .sort((a, b) => a.position - b.position || a.id - b.id)
      .map((line) => toLine(tables, line)),
    jobs: tables.jobs.where((job) => job.runId === runId).map((job) => toJob(tables, job)),
  }
}

function getRow(tables: Tables, runId: number): RunRow {
  const found = tables.runs.byId(runId)
  if (found) return found
  throw new SyncError('RUN_UNKNOWN', `There is no run ${runId}`, { data: { runId } })
}

function finishRunIfDone(tables: Tables, runId: number): Run {
  const { run, lines, jobs } = getRun(tables, runId)
  if (runIsDone(run.state) || !lines.every(({ state }) => lineIsDone(state))) return run
  writeState(tables, runId, endState(lines, jobs), null)
  return toRun(getRow(tables, runId))
}

function writeState(tables: Tables, runId: number, state: Run['state'], error: Run['error']): void {
  const finishedAt = runIsDone(state) ? tables.now() : null
  tables.runs.update(getRow(tables, runId).id, { state, error, finishedAt })
  if (finishedAt === null) return
  clearPreview(tables, runId)
  const isWaiting = (job: { runId: number; state: string }) => job.runId === runId && job.state === 'ready'
  tables.jobs.updateWhere(isWaiting, { state: 'cancelled', finishedAt })
}

/** Only those that are still wrong. */
function listFailedRecords(tables: Tables, runId: number) {
  const isOfRun = (jobId: number) => tables.runOfJob(jobId) === runId
  const failedKinds: readonly string[] = ['failed', 'waiting', 'conflict', 'skipped']
  const failed = tables.outcomes.where(({ jobId, kind }) => isOfRun(jobId) && failedKinds.includes(kind))
  const isMet = (issue: { mappingId: number; direction: string; key: string }) =>
    failed.some(
      ({ mappingId, direction, localKey, remoteKey }) =>
        mappingId === issue.mappingId &&
        direction === issue.direction &&
        (direction === 'to' ? localKey : remoteKey) === issue.key,
    )
  return tables.issues
    .where((issue) => isOfRun(issue.jobId) || isMet(issue))
    .map(({ mappingId, direction, key }) => ({ mappingId, direction, key }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
