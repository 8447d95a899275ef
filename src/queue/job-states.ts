import type { QueueJobState } from '../core/ports/job-queue.ts'
import type { BoundQueue } from './backend.ts'

type BullState = Awaited<ReturnType<BoundQueue['getJobState']>>

const meaning: Readonly<Record<BullState, QueueJobState>> = {
  waiting: 'live',
  prioritized: 'live',
  delayed: 'live',
  active: 'live',
  'waiting-children': 'live',
  completed: 'dead',
  failed: 'dead',
  unknown: 'missing',
}

/** State of a queue job as the sweeper needs it. Jobs of a paused queue are live. */
export async function jobState(queue: BoundQueue, jobId: string): Promise<QueueJobState> {
  return meaning[await queue.getJobState(jobId)]
}

/** Whether the job waits for its children. */
export async function isParked(queue: BoundQueue, jobId: string): Promise<boolean> {
  return (await queue.getJobState(jobId)) === 'waiting-children'
}
