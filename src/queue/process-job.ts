import { trace } from '@opentelemetry/api'
import { DelayedError, type Job, UnrecoverableError, WaitingChildrenError } from 'bullmq'
import { z } from 'zod'
import { SyncError } from '../core/errors.ts'
import {
  type JobContext,
  type JobName,
  type JobPayload,
  jobCatalog,
  jobNames,
  type Processors,
  type QueueName,
  type Verdict,
} from '../core/jobs/catalog.ts'
import type { WorkAtHand } from '../core/ports/process-store.ts'
import type { Clock, Log } from '../core/ports/runtime.ts'
import { decideFailure } from './failure.ts'
import { parentJobs } from './job-options.ts'
import { slotMsOf } from './schedules.ts'

export interface JobHostOptions {
  readonly processors: Processors
  readonly signal: AbortSignal
  /** Nothing new is begun: a worker that waits for its next job when it is told so still gets that one from BullMQ. */
  readonly isQuiet: () => boolean
  /** Calls of processors that have not ended yet, and what each is about; kept up to date here. */
  readonly active: Map<Promise<Verdict>, WorkAtHand>
  readonly log: Log
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
}

/** Pause before a job that waits for children it does not have in the queue looks again (they run without it). */
const childlessPauseMs = 2_000

/** Thrown to BullMQ to spend an attempt; its back-off strategy (workers.ts) reads the delay from here. */
export class RetryError extends Error {
  override readonly name = 'RetryError'
  readonly delayMs: number

  constructor(error: unknown, delayMs: number) {
    super(reasonOf(error), { cause: error })
    this.delayMs = delayMs
  }
}

/**
 * Runs one queue job through its processor and turns verdict or error into what BullMQ understands: returns null when
 * the job is done, throws one of BullMQ's signals otherwise.
 */
export function createJobHost(queue: QueueName, options: JobHostOptions) {
  return async (job: Job, token = ''): Promise<null> => {
    const ids = readIds(job.data)
    const log = () => options.log.child({ queue, jobId: job.id, attempt: job.attemptsMade + 1, ...ids })
    const name = findKind(queue, job.name)
    if (name === null) throw refuse(log(), `Unknown kind of job in ${queue}: ${job.name}`)
    const input = jobCatalog[name].payload.safeParse(job.data)
    if (!input.success) throw refuse(log(), `Bad payload of ${job.name}: ${z.prettifyError(input.error)}`)
    trace.getActiveSpan()?.setAttributes(ids)
    if (options.signal.aborted || options.isQuiet()) return postpone(job, token, 0, options)
    try {
      const payload: unknown = input.data
      const verdict = await settleChildren(job, token, () => call(name, { job, payload, ids }, options))
      if (verdict.verdict === 'done') return null
      const pauseMs = verdict.verdict === 'later' ? verdict.inMs : childlessPauseMs
      log().debug(
        { pauseMs, reason: verdict.verdict === 'later' ? verdict.reason : 'waits' },
        'job postponed',
      )
      return await postpone(job, token, pauseMs, options)
    } catch (error) {
      if (error instanceof DelayedError || error instanceof WaitingChildrenError) throw error
      return fail(error, { job, token, name, log: log() }, options)
    }
  }
}

async function call<N extends JobName>(
  name: N,
  { job, payload, ids }: { job: Job; payload: unknown; ids: Ids },
  options: JobHostOptions,
): Promise<Verdict> {
  const context: JobContext = {
    signal: options.signal,
    attempt: job.attemptsMade + 1,
    isLastAttempt: job.attemptsMade + 1 >= jobCatalog[name].attempts,
    slotMs: slotMsOf(job),
  }
  // TypeScript does not connect the parsed type with N.
  const running = options.processors[name](payload as JobPayload<N>, context)
  const { runId = null, lineId = null, operationId = null } = ids
  const since = options.clock.now().toISOString()
  options.active.set(running, { kind: name, runId, lineId, operationId, since })
  try {
    return await running
  } finally {
    options.active.delete(running)
  }
}

/**
 * A job that must wait is parked until its last child ends. When none is pending they ended meanwhile: the processor
 * looks again. A parent that is done while a child's job still ends is parked too, BullMQ refuses to complete it.
 */
async function settleChildren(job: Job, token: string, run: () => Promise<Verdict>): Promise<Verdict> {
  const park = async (verdict: Verdict) => {
    const mayHaveChildren = verdict.verdict === 'wait-for-children' || isParent(job.name)
    if (verdict.verdict === 'later' || !mayHaveChildren) return
    if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError()
  }
  const first = await run()
  await park(first)
  if (first.verdict !== 'wait-for-children') return first
  const second = await run()
  await park(second)
  return second
}

async function postpone(job: Job, token: string, inMs: number, { clock }: JobHostOptions): Promise<never> {
  await job.moveToDelayed(clock.now().getTime() + Math.max(0, inMs), token)
  throw new DelayedError()
}

async function fail(
  error: unknown,
  { job, token, name, log }: { job: Job; token: string; name: JobName; log: Log },
  options: JobHostOptions,
): Promise<never> {
  const attempt = job.attemptsMade + 1
  const action = decideFailure(error, {
    attempt,
    freeStarts: job.attemptsStarted - attempt,
    isAborted: options.signal.aborted,
    backoff: jobCatalog[name].backoff,
    random: options.random(),
  })
  const facts = { action: action.action, attempts: jobCatalog[name].attempts, error: reasonOf(error) }
  if (error instanceof SyncError) log.warn({ ...facts, ...error.data }, 'job did not finish')
  else
    log.error(
      { ...facts, stack: error instanceof Error ? error.stack : undefined },
      'job failed unexpectedly',
    )
  if (action.action === 'later') return postpone(job, token, action.delayMs, options)
  if (action.action === 'stop') throw new UnrecoverableError(reasonOf(error))
  throw new RetryError(error, action.delayMs)
}

function refuse(log: Log, why: string): UnrecoverableError {
  log.error({ error: why }, 'job refused')
  return new UnrecoverableError(why)
}

function reasonOf(error: unknown): string {
  if (error instanceof SyncError) return `${error.code}: ${error.message}`
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

const isParent = (name: string): boolean => [...parentJobs].some((one) => one === name)

function findKind(queue: QueueName, name: string): JobName | null {
  return jobNames.find((kind) => kind === name && jobCatalog[kind].queue === queue) ?? null
}

const Ids = z
  .object({ runId: z.number(), lineId: z.number(), scheduleId: z.number(), operationId: z.number() })
  .partial()
type Ids = z.infer<typeof Ids>

/** Row ids for the log, as far as the payload has them. */
function readIds(data: unknown): Ids {
  const ids = Ids.safeParse(data)
  return ids.success ? ids.data : {}
}
