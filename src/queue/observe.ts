import type { Job } from 'bullmq'
import type { QueueName } from '../core/jobs/catalog.ts'
import { priorities } from '../core/jobs/priority.ts'
import { type BoundQueue, type QueueBackend, queueNames } from './backend.ts'
import { reachQueue } from './unavailable.ts'

/** How one queue stands. */
export interface QueueReading {
  readonly queue: QueueName
  /** Jobs by BullMQ's states. */
  readonly jobs: Readonly<Record<'waiting' | 'active' | 'delayed' | 'parents' | 'failed', number>>
  /** How long the job that waits longest could have been taken by a worker; null: none waits. */
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

/** Jobs of one priority stand in the order in which they came, so the oldest is the first of one of them. */
async function oldestWaiting(queue: BoundQueue, nowMs: number): Promise<number | null> {
  const counts = await queue.getCountsPerPriority([...priorities])
  const firsts = [queue.getJobs(['waiting'], 0, 0, true)]
  let ahead = 0
  for (const priority of priorities) {
    const count = counts[priority] ?? 0
    if (count > 0) firsts.push(queue.getJobs(['prioritized'], ahead, ahead, true))
    ahead += count
  }
  const since = (await Promise.all(firsts)).flat().flatMap((job) => (job ? [availableSince(job)] : []))
  return since.length === 0 ? null : Math.max(0, nowMs - Math.min(...since))
}

/** A job that was put off waits since a worker looked at it last, or a little later; not since it was made. */
function availableSince({ timestamp, opts, processedOn }: Job): number {
  return Math.max(timestamp + (opts.delay ?? 0), processedOn ?? 0)
}
