import { Queue } from 'bullmq'
import type { QueueBackend } from './backend.ts'

/** The raw queues for bull-board's BullMQAdapter, which shows both back ends. */
export function boardQueues(backend: QueueBackend): readonly Queue[] {
  return Object.values(backend.queues).filter(
    (queue): queue is typeof queue & Queue => queue instanceof Queue,
  )
}
