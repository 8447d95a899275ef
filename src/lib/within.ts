import { sleep } from './sleep.ts'

/** Waits for the work, but not longer than `ms`; false when it took longer. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController()
  const ended = work.then(() => {
    timer.abort()
  })
  await Promise.race([ended, sleep(ms, timer.signal)])
  return timer.signal.aborted
}
