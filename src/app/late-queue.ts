import { toSyncError } from '../core/errors.ts'
import type { JobQueue } from '../core/ports/job-queue.ts'
import type { Log } from '../core/ports/runtime.ts'
import type { QueueBackend } from '../queue/backend.ts'
import { createJobQueue } from '../queue/job-queue.ts'

/** A queue that is opened when somebody needs it, and tried again where it could not be reached. */
export interface LateQueue extends Pick<JobQueue, 'addRun' | 'close'> {
  /** That it cannot be reached is no error; everything else is thrown. */
  tryToOpen(): Promise<void>
}

export function createLateQueue(open: () => Promise<QueueBackend>, log: Log): LateQueue {
  let opening: Promise<QueueBackend> | null = null
  const opened = async () => {
    opening ??= open()
    try {
      return await opening
    } catch (error) {
      opening = null
      throw error
    }
  }
  return {
    async tryToOpen() {
      try {
        await opened()
      } catch (error) {
        if (toSyncError(error).kind !== 'transient') throw error
      }
    },
    addRun: async (run, readyLines) => createJobQueue(await opened(), log).addRun(run, readyLines),
    async close() {
      const backend = await opening?.catch(() => null)
      await backend?.close()
    },
  }
}
