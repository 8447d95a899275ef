import { SyncError, toSyncError } from '../../core/errors.ts'
import type { JobContext, Verdict } from '../../core/jobs/catalog.ts'
import { assertEnabled } from '../../core/mapping/assert-enabled.ts'
import { jobDirections } from '../../core/mapping/definition.ts'
import type { IntendedWrite } from '../../core/ports/sync-store.ts'
import type { Job, Line, Run } from '../../core/sync/run.ts'
import { lineIsDone, runIsDone } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { enqueueLines } from '../flow/enqueue-lines.ts'
import { askGate, type Gate, noteOutage } from './gate.ts'
import { acquireLease, type LeaseKeeper } from './lease-keeper.ts'
import { leaseResources, openSession, type SessionFrame } from './open-session.ts'
import { afterRecovery, forgetDirections, recoverIntents } from './recover.ts'
import { releaseOutdated } from './release-outdated.ts'
import type { RequestPace } from './request-pace.ts'
import { mappingChanged, runJob } from './run-job.ts'
import type { LineSession } from './session.ts'

/** How soon a line that was interrupted by a shutdown may be taken by another worker. */
const HANDOVER_MS = 50

/** How soon a line that is held looks again. */
const HELD_MS = 5_000

/**
 * The job of one line: take the lease, run its directions, mark it finished and add the lines it has made ready below
 * the same parent (architecture.md §5). A line that is done already only grows the flow, so a redelivery is harmless.
 */
export async function runLine(
  ids: { runId: number; lineId: number },
  context: JobContext,
  deps: Deps,
  pace: RequestPace | null = null,
): Promise<Verdict> {
  const { run, lines } = await deps.stores.runs.getRun(ids.runId)
  const line = lines.find((each) => each.id === ids.lineId)
  if (line === undefined || runIsDone(run.state)) return { verdict: 'done' }
  if (lineIsDone(line.state)) return growFlow(deps, run, lines)
  const seen = await deps.stores.mappings.getMappingById(line.mappingId)
  const pair = await deps.stores.mappings.getPair(line.pairId)
  const gate = await askGate({ run, line, pair }, context.signal, deps)
  if (gate.gate === 'wait') return later(gate, deps)
  const inMs = pace?.take(run, line) ?? 0
  if (inMs > 0) return (await finishIfAnswered(run, line, deps)) ?? together(inMs, deps)
  const attempt = await acquireLease(leaseResources({ run, line }, seen, pair), deps)
  if (!attempt.acquired) {
    return (await finishIfAnswered(run, line, deps)) ?? busy(attempt, deps)
  }
  const { keeper } = attempt
  try {
    // Once more under the lease: whoever had it may have moved the watermark, and somebody may have edited the mapping.
    const stored = await deps.stores.mappings.getMappingById(line.mappingId)
    if (String(leaseResources({ run, line }, stored, pair)) !== String(keeper.fence.resources))
      return { verdict: 'later', inMs: HANDOVER_MS, reason: 'The mapping has got another table' }
    const frame = { run, line, stored, pair, lease: keeper, signal: context.signal }
    return await runUnderLease(frame, gate, context, deps)
  } finally {
    await keeper
      .release()
      .catch((error) => deps.log.warn({ err: error }, 'The lease was not given back; it ends by itself'))
  }
}

/**
 * Whoever holds the lease works off requests between its pages: those of this line may be answered already, and then
 * it does not wait for a full synchronization to end.
 */
async function finishIfAnswered(run: Run, line: Line, deps: Deps): Promise<Verdict | null> {
  if (line.selection !== 'requests' || run.options.dryRun) return null
  const ready = await deps.stores.runs.finishAnsweredLine(line.id)
  if (ready === null) return null
  await enqueueLines(run, ready, deps)
  return { verdict: 'done' }
}

/** The one that begins may answer them all: the others look after it, and not all at the same moment. */
function together(inMs: number, { random }: Pick<Deps, 'random'>): Verdict {
  return {
    verdict: 'later',
    inMs: Math.ceil(inMs * (1 + random())),
    reason: 'Requests of a moment are taken together',
  }
}

/** Many may wait for one lease: not all of them come back at the same moment. */
function busy({ holder, expiresInMs }: { holder: string; expiresInMs: number }, deps: Deps): Verdict {
  const pauseMs = Math.ceil(deps.settings.busyRetryMs * (0.5 + deps.random() / 2))
  const inMs = Math.min(pauseMs, Math.max(expiresInMs, 50))
  return { verdict: 'later', inMs, reason: `The mapping or its table is in use by ${holder}` }
}

/** It waits where everybody can see it, and spends no attempt. Many may wait for the same thing: they come back one by one. */
function later({ reason }: { readonly reason: string }, deps: Deps): Verdict {
  deps.log.debug({ reason }, 'The line waits')
  return { verdict: 'later', inMs: Math.ceil(HELD_MS * (0.5 + deps.random() / 2)), reason }
}

type Frame = Omit<SessionFrame, 'jobs'>

async function runUnderLease(frame: Frame, gate: Gate, context: JobContext, deps: Deps): Promise<Verdict> {
  try {
    if (gate.gate === 'failed') throw gate.failure
    await runJobs(frame, deps)
    await finish(frame.line, 'finished', null, frame.lease, frame.run, deps)
    return { verdict: 'done' }
  } catch (error) {
    return afterFailure(frame, error, context, deps)
  }
}

async function runJobs(frame: Frame, deps: Deps): Promise<void> {
  const { run, line, stored } = frame
  // The parent's own job only runs when its children have ended.
  if (run.cancelledBy !== null) throw new SyncError('RUN_CANCELLED', `Run ${run.id} was cancelled`)
  // Somebody may have disabled it since the run was planned, and whatever asked for the line does not matter then.
  if (!run.options.dryRun) assertEnabled(stored.definition)
  if (run.state === 'queued') await deps.stores.runs.startRun(run.id)
  if (!(await deps.stores.runs.startLine(line.id))) return
  await refuseDeadly(line, deps)
  const { fence, takenOverFrom } = frame.lease
  if (takenOverFrom !== null && !run.options.dryRun)
    await deps.stores.runs.recordTakeover(stored.id, fence, takenOverFrom)
  if (line.mappingVersion !== stored.version) await replan(frame, deps)
  const { jobs: all } = await deps.stores.runs.getRun(line.runId)
  const jobs = await withoutLostDirections(frame, all, deps)
  const session = await openSession(deps, { ...frame, jobs })
  await releaseOutdated(session)
  const settled = run.options.dryRun ? session : await recover(session, jobs)
  for (const job of jobs) await runJob(settled, job)
}

/** A line that kills whoever works on it would be given to one worker after the other for ever. */
async function refuseDeadly(line: Line, deps: Deps): Promise<void> {
  const deaths = (await deps.stores.runs.countStart(line.id)) - 1
  if (deaths < deps.settings.giveUpAfter) return
  const message = `${deaths} workers in a row have died over ${line.mappingName}, and none has finished a page`
  throw new SyncError('LINE_KILLS_WORKERS', message, { data: { lineId: line.id, deaths } })
}

/** In both directions first: what a dead worker has created on one side looks new to the job that reads that side. */
async function recover(session: LineSession, jobs: readonly Job[]): Promise<LineSession> {
  const over = new Set<IntendedWrite>()
  for (const job of jobs) for (const write of await recoverIntents(session, job)) over.add(write)
  await forgetDirections(session)
  return afterRecovery(session, over)
}

/** Of a preview that has begun nothing can be taken back; it ends, and may be asked for again. */
async function replan({ run, line, stored }: Frame, deps: Deps): Promise<void> {
  const { jobs } = await deps.stores.runs.getRun(run.id)
  const hasBegun = jobs.some((job) => job.lineId === line.id && job.checkpoint !== null)
  if (run.options.dryRun && hasBegun)
    throw mappingChanged(run, line.mappingName, { from: line.mappingVersion, to: stored.version })
  await deps.stores.runs.replanLine(line.id, stored.version)
}

/** A job whose direction the mapping has lost since it was planned ends here: nobody may write that way any more. */
async function withoutLostDirections(
  { line, stored, lease }: Frame,
  all: readonly Job[],
  deps: Deps,
): Promise<readonly Job[]> {
  const allowed = jobDirections(stored.definition.direction)
  const ofLine = all.filter((job) => job.lineId === line.id)
  for (const job of ofLine.filter(({ direction }) => !allowed.includes(direction))) {
    const message = `Mapping ${line.mappingName} runs ${stored.definition.direction} only, since version ${stored.version}`
    await deps.stores.runs.finishJob(job.id, lease.fence, 'cancelled', { code: 'MAPPING_CHANGED', message })
  }
  return ofLine.filter(({ direction }) => allowed.includes(direction))
}

async function afterFailure(frame: Frame, error: unknown, context: JobContext, deps: Deps): Promise<Verdict> {
  // Whoever lives to tell has not been killed by the line.
  await deps.stores.runs
    .forgetStarts(frame.line.id)
    .catch((failure) => deps.log.debug({ err: failure }, 'The start of the line still counts'))
  if (context.signal.aborted)
    return { verdict: 'later', inMs: HANDOVER_MS, reason: 'The worker is shutting down' }
  const failure = toSyncError(frame.lease.signal.aborted ? frame.lease.signal.reason : error)
  if (failure.code === 'MAPPING_CHANGED' && failure.kind === 'transient')
    return { verdict: 'later', inMs: HANDOVER_MS, reason: failure.message }
  if (failure.kind === 'lost-lease')
    return { verdict: 'later', inMs: deps.settings.busyRetryMs, reason: failure.message }
  if (failure.code === 'RUN_CANCELLED' || failure.code === 'MAPPING_DISABLED')
    return cancelLine(frame, failure, deps)
  if (failure.code === 'PAUSED') return later({ reason: failure.message }, deps)
  const outage = await noteOutage(frame, failure, context.signal, deps)
  if (outage !== null) return later(outage, deps)
  const isFinal = context.isLastAttempt || failure.kind !== 'transient'
  deps.log.error(
    { err: failure, run: frame.run.id, line: frame.line.id, mapping: frame.line.mappingName, isFinal },
    'The line failed',
  )
  if (isFinal) await failLine(frame, failure, deps)
  throw failure
}

/** Its jobs end with it; what they have committed stays. */
async function cancelLine(
  { line, lease, run }: Frame,
  { code, message }: SyncError,
  deps: Deps,
): Promise<Verdict> {
  await finish(line, 'cancelled', { code, message }, lease, run, deps)
  return { verdict: 'done' }
}

async function failLine(frame: Frame, failure: SyncError, deps: Deps): Promise<void> {
  const error = { code: failure.code, message: failure.message }
  const { jobs } = await deps.stores.runs.getRun(frame.run.id)
  const unfinished = jobs.filter(
    (job) => job.lineId === frame.line.id && (job.state === 'running' || job.state === 'ready'),
  )
  for (const [index, job] of unfinished.entries()) {
    await deps.stores.runs.finishJob(job.id, frame.lease.fence, index === 0 ? 'failed' : 'cancelled', error)
  }
  await finish(frame.line, 'failed', error, frame.lease, frame.run, deps)
}

async function finish(
  line: Line,
  state: 'finished' | 'failed' | 'cancelled',
  error: { code: string; message: string } | null,
  lease: LeaseKeeper,
  run: Run,
  deps: Deps,
): Promise<void> {
  const ready = await deps.stores.runs.finishLine(line.id, state, error, lease.fence)
  await enqueueLines(run, ready, deps)
}

async function growFlow(deps: Deps, run: Run, lines: readonly Line[]): Promise<Verdict> {
  await enqueueLines(
    run,
    lines.filter((line) => line.state === 'ready'),
    deps,
  )
  return { verdict: 'done' }
}
