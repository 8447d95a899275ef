import { existsSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SyncError } from '../core/errors.ts'
import { resetEmbedded } from '../embedded/postgres.ts'
import type { Config } from './config.ts'

/** Where the demo keeps a server of its own, apart from everything real. */
export function demoDataDir(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'demo')
}

/**
 * Removes the embedded server with all its data, and that of the demo. Throws EMBEDDED_IN_USE while a process uses it,
 * and CONFIG_INVALID with DATABASE_URL set: a server of somebody else is never emptied.
 */
export async function resetData(config: Pick<Config, 'dataDir' | 'databaseUrl'>): Promise<boolean> {
  if (config.databaseUrl !== null) {
    const message =
      'DATABASE_URL is set: only the embedded server can be reset, a database of your own you empty yourself'
    throw new SyncError('CONFIG_INVALID', message)
  }
  if (!existsSync(config.dataDir)) return false
  await resetDemo(config)
  await removeAll(config.dataDir)
  return true
}

/** Removes what the last demo has left. Throws EMBEDDED_IN_USE while another demo runs. */
export async function resetDemo(config: Pick<Config, 'dataDir'>): Promise<void> {
  const folder = demoDataDir(config)
  if (existsSync(folder)) await removeAll(folder)
}

async function removeAll(folder: string): Promise<void> {
  await resetEmbedded(folder)
  await rm(join(folder, 'api-key'), { force: true })
  await rm(join(folder, 'simulators'), { recursive: true, force: true })
  // What is not ours stays, and the folder with it.
  await rmdir(folder).catch(() => {})
}
