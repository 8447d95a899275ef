import type { Job } from 'bullmq'
import {
  type JobName,
  jobCatalog,
  type Processors,
  type QueueName,
  type Verdict,
} from '../core/jobs/catalog.ts'
import type { WorkAtHand } from '../core/ports/process-store.ts'
import type { Clock, Log } from '../core/ports/runtime.ts'
import { assert } from '../lib/assert.ts'
import { backoffMs } from '../lib/backoff.ts'
import { within } from '../lib/within.ts'
import { type BoundWorker, type QueueBackend, queueNames } from './backend.ts'
import { createJobHost, type JobHostOptions, RetryError } from './process-job.ts'
import { slotAfter } from './slot-after.ts'

export interface WorkersOptions {
  readonly backend: QueueBackend
  readonly processors: Processors
  /** Jobs at once per queue in this process; 0 starts no worker for the queue. */
  readonly concurrency: Readonly<Record<QueueName, number>>
  readonly log: Log
  readonly clock: Clock
  /** In [0, 1), for the jitter of back-offs. */
  readonly random: () => number
  /** How long a job stays with a worker that no longer gives a sign of life. */
  readonly lockSeconds: number
  /** How often a job may outlive its worker before it fails. */
  readonly maxStalls?: number
}

export interface QueueWorkers {
  /** What is being done at this moment. */
  work(): readonly WorkAtHand[]
  /** Quiet: what has begun is finished, nothing new is taken, until it is said otherwise. */
  setQuiet(isQuiet: boolean): Promise<void>
  /**
   * Takes no new job, aborts the signal of the running ones, waits until they have ended and closes the workers'
   * connections; the back end stays open. Safe to call more than once.
   */
  drain(): Promise<void>
  /** The last part of a shutdown: the same as `drain`. */
  close(): Promise<void>
}

/** How long the server may take to hear how jobs ended and to say goodbye; one that is down never does. */
const farewellMs = 5_000

/** Starts the workers of this process; resolves when all of them are connected and take jobs. */
export async function startWorkers(options: WorkersOptions): Promise<QueueWorkers> {
  assertProcessors(options.processors)
  const abort = new AbortController()
  const active: JobHostOptions['active'] = new Map()
  let quiet = false
  const names = queueNames.filter((name) => options.concurrency[name] > 0)
  const started = await Promise.allSettled(
    names.map((name) =>
      createWorker(name, { ...options, active, signal: abort.signal, isQuiet: () => quiet }),
    ),
  )
  const workers = started.filter((one) => one.status === 'fulfilled').map((one) => one.value)
  const failed = started.find((one) => one.status === 'rejected')
  if (failed) {
    await closeAll(workers, active)
    throw failed.reason
  }
  for (const worker of workers) {
    worker
      .run()
      .catch((error: unknown) =>
        options.log.error({ queue: worker.name, error: String(error) }, 'worker ended'),
      )
  }
  let draining: Promise<void> | null = null
  const drain = () => {
    abort.abort()
    draining ??= closeAll(workers, active)
    return draining
  }
  return {
    drain,
    close: drain,
    work: () => [...active.values()],
    async setQuiet(isQuiet) {
      quiet = isQuiet
      for (const worker of workers) {
        if (isQuiet) await worker.pause(true)
        else worker.resume()
      }
    },
  }
}

async function createWorker(
  name: QueueName,
  options: WorkersOptions & Pick<JobHostOptions, 'active' | 'signal' | 'isQuiet'>,
): Promise<BoundWorker> {
  const { log, random } = options
  const worker = await options.backend.createWorker(name, createJobHost(name, options), {
    concurrency: options.concurrency[name],
    lockDuration: options.lockSeconds * 1_000,
    stalledInterval: options.lockSeconds * 1_000,
    maxStalledCount: options.maxStalls ?? 3,
    settings: {
      repeatStrategy: slotAfter,
      backoffStrategy: (attemptsMade, _type, error) =>
        error instanceof RetryError
          ? error.delayMs
          : backoffMs(attemptsMade, { firstMs: 1_000, maxMs: 60_000 }, random()),
    },
  })
  worker.on('stalled', (jobId) =>
    log.warn({ queue: name, jobId }, 'job lost its worker and is delivered again'),
  )
  worker.on('failed', (job, error) => logEnd(log, name, job, error))
  return worker
}

/** Also the only trace of a job that failed without our code: its workers died too often. */
function logEnd(log: Log, queue: QueueName, job: Job | undefined, error: Error): void {
  if (!job?.finishedOn) return
  log.error(
    { queue, jobId: job.id, attempts: job.attemptsMade, error: error.message },
    'queue job failed for good',
  )
}

/** BullMQ waits for the running jobs itself, for ever when the server is away. */
async function closeAll(
  workers: readonly BoundWorker[],
  active: ReadonlyMap<Promise<Verdict>, WorkAtHand>,
): Promise<void> {
  const closed = Promise.allSettled(workers.map((worker) => worker.close()))
  while (active.size > 0) await Promise.allSettled(active.keys())
  const isClosed = await within(farewellMs, closed)
  if (isClosed) return
  for (const worker of workers) worker.disconnect().catch(() => {})
}

/** The type says so already; a composition root that was cast or built from parts says it here, at start. */
function assertProcessors(processors: Processors): void {
  const missing = Object.keys(jobCatalog).filter((name) => typeof processors[name as JobName] !== 'function')
  assert(missing.length === 0, `no processor for ${missing.join(', ')}`)
}
