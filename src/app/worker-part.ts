import type { QueueName } from '../core/jobs/catalog.ts'
import type { WorkAtHand } from '../core/ports/process-store.ts'
import { aborted } from '../lib/aborted.ts'
import { type QueueWorkers, startWorkers } from '../queue/workers.ts'
import type { Context } from './context.ts'
import type { Part } from './life-cycle.ts'
import { createProcessors } from './processors.ts'
import type { WorkerQueue } from './worker-queues.ts'

/** Parents only read and enqueue; they wait for their children outside of the worker. */
const PARENTS_AT_ONCE = 5
/** A slot may look for changes at a system that takes its time; it does not hold up the others. */
const SLOTS_AT_ONCE = 5

/** Pulls and runs jobs, and tells what it is doing. */
export interface WorkerPart extends Part {
  /** Queue jobs it takes at once, by queue. */
  readonly concurrency: Readonly<Record<QueueName, number>>
  work(): readonly WorkAtHand[]
  /** As of `QueueWorkers`; before the start it is remembered. */
  setQuiet(isQuiet: boolean): Promise<void>
}

/** `queues`: whose jobs are taken. `schedules`: also the slots of recurring jobs. */
export function workerPart(
  context: Context,
  options: { readonly queues: readonly WorkerQueue[]; readonly schedules: boolean },
): WorkerPart {
  let workers: QueueWorkers | null = null
  let isQuiet = false
  const { config, deps, backend, log } = context
  const concurrency = {
    'couplet-runs': options.queues.includes('runs') ? PARENTS_AT_ONCE : 0,
    'couplet-lines': options.queues.includes('lines') ? config.concurrency : 0,
    'couplet-schedules': options.schedules ? SLOTS_AT_ONCE : 0,
  }
  return {
    name: 'worker',
    concurrency,
    work: () => workers?.work() ?? [],
    async setQuiet(wanted) {
      if (isQuiet === wanted) return
      isQuiet = wanted
      await workers?.setQuiet(wanted)
    },
    async start(signal) {
      const starting = startWorkers({
        backend,
        processors: createProcessors(deps, context.holdFor),
        concurrency,
        log,
        clock: deps.clock,
        random: deps.random,
        lockSeconds: config.stalledSeconds,
      })
      // A queue that goes away while the workers connect is waited for, but not against the wish to stop.
      const started = await Promise.race([starting, aborted(signal)])
      if (!started) return void starting.then((late) => late.close()).catch(() => {})
      workers = started
      if (isQuiet) await workers.setQuiet(true)
    },
    drain: async () => workers?.drain(),
    stop: async () => workers?.close(),
  }
}
