import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { SyncError } from '../core/errors.ts'
import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { checkReadiness, checkStore } from './health.ts'
import type { Part } from './life-cycle.ts'
import { createMetricsPage } from './metrics/metrics.ts'

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

/**
 * The status port of a process (COUPLET_STATUS_PORT), which processes without the HTTP server have as well. Nothing is
 * changed here and nothing of a record is told, so there is no key; it is for the inside of a network. A process that
 * drains answers until it stops, and says that it is no longer ready.
 */
export function statusPart(
  context: Context,
  options: { readonly installation: boolean; readonly onListening?: (port: number) => void },
): Part {
  const { config, log } = context
  let server: Server | null = null
  let isDraining = false
  return {
    name: 'status',
    async start() {
      if (config.statusPort === null) return
      const answer = createAnswers(context, options.installation, () => isDraining)
      server = createServer((request, response) => void respond(request, response, answer))
      server.listen(config.statusPort, config.statusHost)
      await listening(server, config)
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : config.statusPort
      log.info({ host: config.statusHost, port }, 'The status port listens')
      options.onListening?.(port)
    },
    async drain() {
      isDraining = true
    },
    async stop() {
      server?.close()
      server?.closeAllConnections()
    },
  }
}

async function listening(
  server: Server,
  { statusHost, statusPort }: Pick<Config, 'statusHost' | 'statusPort'>,
): Promise<void> {
  try {
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    const message = `COUPLET_STATUS_HOST = '${statusHost}', COUPLET_STATUS_PORT = '${statusPort}': nobody can listen there (${code})`
    throw new SyncError('CONFIG_INVALID', message, { cause: error })
  }
}

type Check = (deps: Context['deps']) => Promise<{ readonly status: 'ok' | 'failing' }>
const readinessChecks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['/readyz', checkReadiness],
  ['/readyz/store', checkStore],
])

function createAnswers(context: Context, installation: boolean, isDraining: () => boolean) {
  const page = createMetricsPage(context, { installation })
  const json = (status: number, body: object): Answer => ({
    status,
    type: 'application/json; charset=utf-8',
    body: JSON.stringify(body),
  })
  return async (method: string, path: string): Promise<Answer> => {
    if (method !== 'GET' && method !== 'HEAD') return json(405, { status: 'only GET' })
    if (path === '/healthz') return json(200, { status: 'ok' })
    if (path === '/metrics') return { status: 200, type: page.contentType, body: await page.text() }
    const check = readinessChecks.get(path)
    if (check === undefined) return json(404, { status: 'unknown address' })
    if (isDraining()) return json(503, { status: 'draining' })
    const readiness = await check(context.deps)
    return json(readiness.status === 'ok' ? 200 : 503, readiness)
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (method: string, path: string) => Promise<Answer>,
): Promise<void> {
  const { status, type, body } = await answer(
    request.method ?? '',
    (request.url ?? '').split('?', 1)[0] ?? '',
  ).catch(() => ({ status: 500, type: 'text/plain', body: 'unexpected error' }))
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}
