import { SyncError, toSyncError } from '../core/errors.ts'
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
  let isClosed = false
  const opened = async () => {
    // Nobody would close it any more.
    if (isClosed) throw new SyncError('QUEUE_UNAVAILABLE', 'The queue cannot be reached: it has been closed')
    opening ??= open().catch((error: unknown) => {
      opening = null
      throw error
    })
    return opening
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
      isClosed = true
      const backend = await opening?.catch(() => null)
      await backend?.close()
    },
  }
}
