import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Server } from './server-type.ts'

/**
 * Makes `close` stop listening, wait for the requests that are running, and then cut all connections. Left to itself
 * the server would also wait for connections that are kept alive, or were opened and never used, for more than a minute.
 * Needs `forceCloseConnections`.
 */
export function closeInOrder(server: Server): void {
  const running = new Set<ServerResponse>()
  const closing = new AbortController()
  server.decorate('closing', closing.signal)
  server.addHook('onRequest', async (_request, { raw }) => {
    running.add(raw)
    raw.once('close', () => running.delete(raw))
  })
  server.addHook('preClose', async () => {
    closing.abort()
    server.server.close()
    await Promise.all([...running].map((response) => once(response, 'close')))
  })
}
