import { boardQueues } from '../queue/board.ts'
import type { Context } from './context.ts'

/** The raw queues of a process, for a dashboard that knows BullMQ. */
export function rawQueues(context: Pick<Context, 'backend'>): ReturnType<typeof boardQueues> {
  return boardQueues(context.backend)
}
