import type { QueueName } from '../core/jobs/catalog.ts'
import { type BoundQueue, type QueueBackend, queueNames } from './backend.ts'
import { reachQueue } from './unavailable.ts'

/** How many of the waiting jobs are looked at for the oldest one: more mappings than anybody has. */
const LOOKED_AT = 100

/** How one queue stands. */
export interface QueueReading {
  readonly queue: QueueName
  /** Jobs by BullMQ's states. */
  readonly jobs: Readonly<Record<'waiting' | 'active' | 'delayed' | 'parents' | 'failed', number>>
  /** Since the oldest job that a worker could take was added; null: none waits. */
  readonly oldestWaitingMs: number | null
}

/** Throws QUEUE_UNAVAILABLE. `nowMs`: ms since the epoch, by the clock that stamped the jobs. */
export function observeQueues(backend: QueueBackend, nowMs: number): Promise<readonly QueueReading[]> {
  return reachQueue(backend.place, () =>
    Promise.all(queueNames.map((name) => observe(name, backend.queues[name], nowMs))),
  )
}

async function observe(name: QueueName, queue: BoundQueue, nowMs: number): Promise<QueueReading> {
  const counts = await queue.getJobCounts(
    'waiting',
    'prioritized',
    'active',
    'delayed',
    'waiting-children',
    'failed',
  )
  const count = (state: string) => counts[state] ?? 0
  const waiting = count('waiting') + count('prioritized')
  return {
    queue: name,
    jobs: {
      waiting,
      active: count('active'),
      delayed: count('delayed'),
      parents: count('waiting-children'),
      failed: count('failed'),
    },
    oldestWaitingMs: waiting === 0 ? null : await oldestWaiting(queue, nowMs),
  }
}

/** Prioritized jobs stand in the order of their priorities, so that the oldest may be any of them. */
async function oldestWaiting(queue: BoundQueue, nowMs: number): Promise<number | null> {
  const jobs = await queue.getJobs(['waiting', 'prioritized'], 0, LOOKED_AT - 1, true)
  const added = jobs.flatMap((job) => (job ? [job.timestamp] : []))
  return added.length === 0 ? null : Math.max(0, nowMs - Math.min(...added))
}
