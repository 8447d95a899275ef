import { SyncError } from '../../../src/core/errors.ts'
import type { Fence } from '../../../src/core/ports/lease-store.ts'
import type { NewLine, QueueView, RunStore } from '../../../src/core/ports/run-store.ts'
import { type JobState, type Line, lineIsDone, runIsDone } from '../../../src/core/sync/run.ts'
import { addCosts, zeroCosts } from '../../../src/core/sync/step-costs.ts'
import { assert } from '../../../src/lib/assert.ts'
import { assertFence } from './leases.ts'
import { insertLines, listLines, toRun, updateGraph } from './run-rows.ts'
import { findRunningFull, fullRunning } from './running-full.ts'
import type { JobRow, RunRow, Tables } from './tables.ts'

const isReady = ({ state }: Pick<Line, 'state'>) => state === 'ready'
const isOpen = ({ state }: JobRow) => state === 'ready' || state === 'running'

export function startLine(tables: Tables, lineId: number): boolean {
  const line = tables.lines.byId(lineId)
  if (!line || (line.state !== 'ready' && line.state !== 'running')) return false
  if (runIsDone(tables.runs.get(line.runId, 'run').state)) return false
  tables.lines.update(lineId, {
    state: 'running',
    startedAt: line.startedAt ?? tables.now(),
    finishedAt: null,
  })
  return true
}

export function startJob(tables: Tables, jobId: number, fence: Fence, estimatedRows: number | null): void {
  assertFence(tables, fence)
  const job = tables.jobs.byId(jobId)
  assert(job && isOpen(job), `job ${jobId} exists and has not ended`)
  tables.jobs.update(jobId, {
    state: 'running',
    startedAt: job.startedAt ?? tables.now(),
    estimatedRows: estimatedRows ?? job.estimatedRows,
  })
}

export function finishJob(
  tables: Tables,
  ...[jobId, fence, state, error]: Parameters<RunStore['finishJob']>
): void {
  assertFence(tables, fence)
  const job = tables.jobs.get(jobId, 'job')
  tables.jobs.update(jobId, { state: honestState(job, state), error, finishedAt: tables.now() })
}

/** Success is never said of a job some of whose records did not succeed. */
export function honestState({ counters }: Pick<JobRow, 'counters'>, state: JobState): JobState {
  const failures = counters.failed + counters.waiting + counters.conflict + counters.skipped
  return state === 'succeeded' && failures > 0 ? 'succeeded-with-failures' : state
}

export function finishLine(
  tables: Tables,
  ...[lineId, state, error, fence]: Parameters<RunStore['finishLine']>
): readonly Line[] {
  if (fence) assertFence(tables, fence)
  const { runId, state: current } = tables.lines.get(lineId, 'line')
  const before = listLines(tables, runId)
  if (lineIsDone(current)) return before.filter(isReady)
  tables.lines.update(lineId, { state, error, finishedAt: tables.now() })
  if (state === 'failed' || state === 'cancelled')
    tables.jobs.updateWhere((job) => job.lineId === lineId && isOpen(job), {
      state,
      error,
      finishedAt: tables.now(),
    })
  const wasReady = new Set(before.filter(isReady).map(({ id }) => id))
  return updateGraph(tables, runId).filter((line) => isReady(line) && !wasReady.has(line.id))
}

export function finishAnsweredLine(tables: Tables, lineId: number): readonly Line[] | null {
  const line = tables.lines.get(lineId, 'line')
  const jobs = tables.jobs.where((job) => job.lineId === lineId)
  const isWaitedFor = tables.inbox.find(
    (row) =>
      row.mappingId === line.mappingId &&
      jobs.some(
        ({ id, direction }) => row.jobIds.includes(id) || (row.isWantedAnyway && row.direction === direction),
      ),
  )
  const isAnswered = jobs.some(({ counters }) => counters.read > 0) && isWaitedFor === undefined
  const hasBegun = line.startedAt !== null || line.state !== 'ready' || line.selection !== 'requests'
  if (hasBegun || !isAnswered) return null
  tables.lines.update(lineId, { startedAt: tables.now() })
  for (const job of jobs.filter(isOpen))
    tables.jobs.update(job.id, {
      state: honestState(job, 'succeeded'),
      startedAt: job.startedAt ?? tables.now(),
      finishedAt: tables.now(),
    })
  return finishLine(tables, lineId, 'finished', null, null)
}

/** All jobs begin again: the new version has to be carried in both directions. */
export function replanLine(tables: Tables, lineId: number, mappingVersion: number): void {
  tables.run(() => {
    tables.lines.update(lineId, { mappingVersion })
    tables.jobs.updateWhere((job) => job.lineId === lineId, {
      checkpoint: null,
      state: 'ready',
      error: null,
      finishedAt: null,
    })
  })
}

export function addLines(tables: Tables, runId: number, lines: readonly NewLine[]): readonly Line[] {
  const run = getRun(tables, runId)
  if (runIsDone(run.state))
    throw new SyncError('RUN_UNKNOWN', `Run ${runId} has ended: it takes no further lines`, {
      data: { runId },
    })
  return insertLines(tables, run, lines)
}

function getRun(tables: Tables, runId: number): RunRow {
  return tables.runs.get(runId, 'run')
}

export function retryLines(tables: Tables, runId: number, lineIds: readonly number[] | null): QueueView {
  if (getRun(tables, runId).options.dryRun) throw nothingToRetry(runId, 'is a preview: ask for it again')
  const before = listLines(tables, runId)
  const isAsked = (id: number) => lineIds?.includes(id) ?? true
  for (const { id } of before.filter(
    (line) =>
      (line.state === 'failed' || (line.state === 'cancelled' && line.selection !== 'requests')) &&
      isAsked(line.id),
  ))
    resetLine(tables, id)
  const isNamed = (line: Line) => line.state === 'finished' && (lineIds?.includes(line.id) ?? false)
  for (const { id } of before.filter(isNamed)) {
    resetLine(tables, id)
    tables.jobs.updateWhere(({ lineId }) => lineId === id, { state: 'ready', checkpoint: null, ...again })
  }
  const wasOver = new Set(before.filter(({ state }) => lineIsDone(state)).map(({ id }) => id))
  const revived = updateGraph(tables, runId).filter(
    ({ id, state }) => wasOver.has(id) && (state === 'ready' || state === 'pending'),
  )
  if (revived.length === 0 || !revived.some(({ id }) => isAsked(id)))
    throw nothingToRetry(runId, 'has no failed line of that kind')
  for (const { id, generation } of revived) {
    tables.lines.update(id, { generation: generation + 1 })
    reviveJobs(tables, id)
  }
  return { run: toRun(reopenRun(tables, runId)), lines: listLines(tables, runId) }
}

const again = { error: null, finishedAt: null }

function resetLine(tables: Tables, lineId: number): void {
  tables.lines.update(lineId, { state: 'pending', ...again })
}

function reviveJobs(tables: Tables, lineId: number): void {
  tables.jobs.updateWhere(
    ({ lineId: of, state }) =>
      of === lineId && (state === 'failed' || state === 'cancelled' || state === 'running'),
    { state: 'ready', ...again },
  )
}

function reopenRun(tables: Tables, runId: number): RunRow {
  const run = getRun(tables, runId)
  const other = run.kind === 'full' ? findRunningFull(tables, run.pairId) : undefined
  if (other && other.id !== runId) throw fullRunning(other)
  return tables.runs.update(runId, {
    state: 'running',
    generation: run.generation + 1,
    error: null,
    finishedAt: null,
  })
}

function nothingToRetry(runId: number, why: string): SyncError {
  return new SyncError('NOTHING_TO_RETRY', `Run ${runId} ${why}`, { data: { runId } })
}

export function addStepCosts(
  tables: Tables,
  ...[jobId, fence, costs]: Parameters<RunStore['addStepCosts']>
): void {
  assertFence(tables, fence)
  const before = tables.jobs.get(jobId, 'job').stepCosts ?? zeroCosts
  tables.jobs.update(jobId, { stepCosts: addCosts(before, costs) })
}
