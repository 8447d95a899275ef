import { SyncError } from '../core/errors.ts'

/** Runs work, some of it at once, some after it, and refuses what is beyond. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>

const RETRY_MS = 1_000

/** For work that costs much, and that many may ask for. Throws TOO_MANY_ATTEMPTS with the words of `refusal`. */
export function createTurns(atOnce: number, waiting: number, refusal: string): Turns {
  let running = 0
  const queue: (() => void)[] = []
  return async (work) => {
    if (running >= atOnce && queue.length >= waiting)
      throw new SyncError('TOO_MANY_ATTEMPTS', refusal, { retryAfterMs: RETRY_MS })
    if (running >= atOnce) await new Promise<void>((resolve) => queue.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      const next = queue.shift()
      // Whoever is next takes over the place.
      if (next === undefined) running -= 1
      else next()
    }
  }
}
