import { setTimeout as delay } from 'node:timers/promises'

/** Waits `ms` milliseconds; returns early, without throwing, when the signal is aborted. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal ? { signal } : undefined)
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}
