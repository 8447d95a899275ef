import { join } from 'node:path'
import type { Context } from '../app/context.ts'
import type { Part } from '../app/life-cycle.ts'
import { SyncError } from '../core/errors.ts'
import { createFirstAdmin } from './first-admin.ts'
import { ensureFirstKey } from './first-key.ts'
import { createServer } from './server.ts'
import type { Server } from './server-type.ts'

interface HttpOptions {
  /** Told the address once the server listens. */
  readonly onListening?: (url: string) => void
  /** Shows the first API key and password to a person; default: stderr. Never the log. */
  readonly showKey?: (text: string) => void
}

/** The HTTP server of a process. Draining: no new connections, running requests are answered first. */
export function httpPart(context: Context, options: HttpOptions = {}): Part {
  let server: Server | null = null
  const close = async () => {
    await server?.close()
    server = null
  }
  return {
    name: 'http',
    async start() {
      const { config, deps, embedded } = context
      const keyFile = embedded === null ? null : join(config.dataDir, 'api-key')
      const show = options.showKey ?? showOnStderr
      await ensureFirstKey(deps.stores.access, keyFile, show)
      if (config.oidcIssuer === null) await createFirstAdmin(deps.stores.access, show)
      server = createServer(context)
      const url = await listen(server, config)
      context.log.info({ url }, 'The HTTP server listens')
      options.onListening?.(url)
    },
    drain: close,
    stop: close,
  }
}

const showOnStderr = (text: string) => void process.stderr.write(text)

const refusals: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host name',
}

async function listen(server: Server, at: { host: string; port: number }): Promise<string> {
  try {
    return await server.listen({ host: at.host, port: at.port })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const reason = refusals[code]
    if (reason === undefined) throw error
    const message = `COUPLET_HOST = '${at.host}', COUPLET_PORT = '${at.port}': ${reason}`
    throw new SyncError('CONFIG_INVALID', message, { data: { host: at.host, port: at.port }, cause: error })
  }
}
