import { join } from 'node:path'
import { lock } from 'proper-lockfile'
import { SyncError } from '../core/errors.ts'
import { sleep } from '../lib/sleep.ts'

const staleMs = 10_000
const pauseMs = 50
const attempts = 2_400

/**
 * Runs `work` while no other process starts, joins, leaves or removes the server of this data folder. The lock of a
 * process that was killed is taken over after ten seconds.
 */
export async function withLock<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  const release = await acquire(dataDir, 1)
  try {
    return await work()
  } finally {
    // Fails only when the lock was lost meanwhile: then it is not ours to give back.
    await release().catch(() => {})
  }
}

async function acquire(dataDir: string, attempt: number): Promise<() => Promise<void>> {
  try {
    const lockfilePath = join(dataDir, 'postgres.lock')
    return await lock(dataDir, { lockfilePath, stale: staleMs, onCompromised: () => {} })
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'ELOCKED'
    if (!isTaken) throw error
    if (attempt >= attempts) {
      throw new SyncError(
        'EMBEDDED_UNAVAILABLE',
        `Another process has been starting or stopping the server in ${dataDir} for minutes; end it and try again`,
      )
    }
  }
  await sleep(pauseMs)
  return acquire(dataDir, attempt + 1)
}
