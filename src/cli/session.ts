import { userInfo } from 'node:os'
import { type Config, loadConfig, processEnvironment } from '../app/config.ts'
import type { Context } from '../app/context.ts'
import type { Act } from '../core/ports/act.ts'
import type { Pair } from '../core/ports/mapping-store.ts'
import type { Deps } from '../usecases/deps.ts'
import { getPairByName } from '../usecases/setup/get-pair.ts'

/**
 * Configuration of a command that ends by itself: only warnings are logged, readable where a person looks; the variables
 * win. Long-lived processes take their configuration as it stands.
 */
export function commandConfig(): Config {
  const env = processEnvironment()
  return loadConfig({
    ...env,
    COUPLET_LOG_LEVEL: env['COUPLET_LOG_LEVEL'] || 'warn',
    COUPLET_LOG_FORMAT: env['COUPLET_LOG_FORMAT'] || (process.stderr.isTTY ? 'pretty' : 'json'),
  })
}

/**
 * Opens everything for one command and closes it again, whatever happens. Loaded no sooner: help, the version and a wrong option
 * need none of it.
 */
export async function withContext<T>(
  work: (context: Context) => Promise<T>,
  config: Config = commandConfig(),
): Promise<T> {
  const { openContext } = await import('../app/context.ts')
  const { createLog } = await import('../app/logger.ts')
  const context = await openContext(config, createLog(config))
  try {
    return await work(context)
  } finally {
    await context.close()
  }
}

/** `withContext`, with the pair that the command is about: the one that is named, or the only one. */
export function withPair<T>(
  name: string | undefined,
  work: (pair: Pair, deps: Deps) => Promise<T>,
): Promise<T> {
  return withContext(async ({ deps }) => work(await getPairByName(name ?? null, deps), deps))
}

/** Who asks, for runs, versions and the audit log. */
export function whoAsks(): string {
  try {
    return `cli/${userInfo().username}`
  } catch {
    // A container may run under an account without a name.
    return 'cli'
  }
}

/** What a command does, as the use cases want to know it. */
export function act(reason: string | undefined): Act {
  return { by: whoAsks(), reason: reason ?? null }
}
