import { setImmediate } from 'node:timers/promises'
import { type ErrorCode, SyncError } from '../../core/errors.ts'
import type { BatchSize } from './batch-size.ts'

/** What became of a request for several records; `left` are sent again. */
export interface ChunkAnswer<T> {
  /** Null: all of it was carried out. */
  readonly status: number | null
  readonly left: readonly T[]
  /** How long the service has worked on it; waits for the budget say nothing about the size. */
  readonly durationMs: number
}

const timeouts: ReadonlySet<ErrorCode> = new Set(['ANSWER_TIMEOUT', 'ANSWER_STALLED'])

export interface ChunkSettings {
  readonly size: BatchSize
  /** Requests side by side. */
  readonly parallelism: number
  /** Fewer items are not divided among requests side by side. */
  readonly fewest: number
}

/**
 * Sends items in requests of the learned size or less, several at once, until none is left. After a failure no further
 * request is begun, and the failure is thrown when those that are under way have ended: nothing of ours is sent after this
 * returns.
 */
export async function sendChunks<T>(
  items: readonly T[],
  settings: ChunkSettings,
  send: (chunk: readonly T[]) => Promise<ChunkAnswer<T>>,
): Promise<void> {
  const open = [...items]
  // One request with everything would leave the others idle; what limits an application user is run time, four requests at
  // a time on the average, and not their number (connectors.md A.10).
  const most = Math.max(settings.fewest, Math.ceil(items.length / settings.parallelism))
  const failures: unknown[] = []
  const work = async (): Promise<void> => {
    while (open.length > 0 && failures.length === 0) {
      const chunk = open.splice(0, Math.min(most, settings.size.size))
      try {
        const { left } = await sendMeasured(chunk, settings, send)
        open.unshift(...left)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  const workers: Promise<void>[] = []
  for (let count = 0; count < settings.parallelism && open.length > 0; count += 1) {
    workers.push(work())
    // The service has this request before the next one is written.
    await setImmediate()
  }
  await Promise.all(workers)
  if (failures.length > 0) throw failures[0]
}

async function sendMeasured<T>(
  chunk: readonly T[],
  { size }: ChunkSettings,
  send: (chunk: readonly T[]) => Promise<ChunkAnswer<T>>,
): Promise<ChunkAnswer<T>> {
  const learn = (status: number | null, durationMs: number, timedOut: boolean) =>
    size.learn({ records: chunk.length, status, durationMs, timedOut })
  try {
    const answer = await send(chunk)
    learn(answer.status ?? 200, answer.durationMs, false)
    return answer
  } catch (error) {
    const isSyncError = error instanceof SyncError
    const status = isSyncError ? error.data['status'] : null
    learn(typeof status === 'number' ? status : null, 0, isSyncError && timeouts.has(error.code))
    throw error
  }
}
