import type { FastifyReply } from 'fastify'
import { SyncError } from '../core/errors.ts'
import type { Log } from '../core/ports/runtime.ts'
import { sleep } from '../lib/sleep.ts'
import { sendProblem } from './problem.ts'
import type { Server } from './server-type.ts'

/** When another process answers, or this one is back. */
const RETRY_AFTER_MS = 1_000

/**
 * Makes `close` stop listening, wait `limitMs` at most for the requests that are running, and then cut all connections. Left to
 * itself the server would also wait for connections that are kept alive, or were opened and never used, for more than a
 * minute. What arrives meanwhile on a connection that is open, or has not arrived whole, is refused: it has done nothing
 * yet, and Node watches over the time it takes no more. Needs `forceCloseConnections`, and `return503OnClosing` false.
 */
export function closeInOrder(server: Server, { limitMs, log }: { limitMs: number; log: Log }): void {
  const running = new Set<FastifyReply>()
  const closing = new AbortController()
  const answered = new AbortController()
  server.decorate('closing', closing.signal)
  server.addHook('onRequest', async (_request, reply) => {
    running.add(reply)
    reply.raw.once('close', () => {
      running.delete(reply)
      if (closing.signal.aborted && running.size === 0) answered.abort()
    })
    return closing.signal.aborted ? refuse(reply) : undefined
  })
  server.addHook('preClose', async () => {
    closing.abort()
    server.server.close()
    for (const reply of running) if (!reply.request.raw.complete && !reply.sent) refuse(reply)
    if (running.size > 0) await sleep(limitMs, answered.signal)
    if (running.size > 0) log.warn({ requests: running.size }, 'Requests that took too long were cut off')
  })
}

function refuse(reply: FastifyReply): FastifyReply {
  const error = new SyncError('SERVER_STOPPING', 'This process is being stopped', {
    retryAfterMs: RETRY_AFTER_MS,
  })
  return sendProblem(reply.header('connection', 'close'), error)
}
