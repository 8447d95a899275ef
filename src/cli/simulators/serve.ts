import type { Config } from '../../app/config.ts'
import { SyncError } from '../../core/errors.ts'
import { print, say } from '../output.ts'
import { reportError } from '../report-error.ts'

/** A simulated system that serves, and what people must know to reach it. */
export interface ServedSimulator {
  readonly server: { close(): Promise<void> }
  readonly facts: readonly (readonly [name: string, value: string])[]
}

/** Starts a simulator, tells how to reach it, and serves until Ctrl-C. Returns the exit code. */
export async function serveSimulator(config: Config, start: () => Promise<ServedSimulator>): Promise<number> {
  const { runService } = await import('../../app/life-cycle.ts')
  const { createLog } = await import('../../app/logger.ts')
  let served: ServedSimulator | null = null
  return runService({
    parts: [
      {
        name: 'simulator',
        async start() {
          served = await startOrExplain(start)
          const width = Math.max(...served.facts.map(([name]) => name.length))
          for (const [name, value] of served.facts) print(`${name.padEnd(width)}  ${value}`)
          say('Ctrl-C ends it.')
        },
        stop: async () => served?.server.close(),
      },
    ],
    shutdownMs: config.shutdownSeconds * 1_000,
    log: createLog(config),
    onError: (error) => reportError(error, { json: false, withStack: config.logLevel === 'debug' }),
  })
}

async function startOrExplain(start: () => Promise<ServedSimulator>): Promise<ServedSimulator> {
  try {
    return await start()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null
    if (code === null || !/^(EADDRINUSE|EADDRNOTAVAIL|EACCES)$/.test(code)) throw error
    throw new SyncError('CONFIG_INVALID', `The simulator cannot listen there (${code})`, {
      data: { field: '--port, --host' },
      cause: error,
    })
  }
}
