import { randomUUID } from 'node:crypto'
import fastify from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Context } from '../app/context.ts'
import { nameOf } from '../core/access/principal.ts'
import { SyncError } from '../core/errors.ts'
import type { Log } from '../core/ports/runtime.ts'
import { guardRoutes } from './access.ts'
import { createAnswerError } from './answer-error.ts'
import { API } from './contract/endpoint.ts'
import { describeApi } from './open-api.ts'
import { closeInOrder } from './orderly-close.ts'
import { sendProblem } from './problem.ts'
import { getHealth, getMetrics, getReadiness } from './routes/get-health.ts'
import { serveHome } from './routes/home.ts'
import { postNotice } from './routes/post-notice.ts'
import { serveQueueBoard } from './routes/queue-board.ts'
import { addApiRoutes } from './routes/routes.ts'
import { refuseOtherSites } from './same-origin.ts'
import type { Server } from './server-type.ts'
import { signInByKey } from './sign-in.ts'
import { traceRequests } from './trace-requests.ts'

const BODY_LIMIT = 1_048_576
const REQUEST_TIMEOUT_MS = 30_000

/** The HTTP server with all its routes; it does not listen yet. */
export function createServer(context: Context): Server {
  const answerError = createAnswerError(context.log, BODY_LIMIT)
  const server = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    genReqId: () => randomUUID(),
    frameworkErrors: answerError,
  }).withTypeProvider<ZodTypeProvider>()
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  // Only JSON: a form of another site can send text without being asked for its origin.
  server.removeContentTypeParser('text/plain')
  server.setErrorHandler(answerError)
  server.setNotFoundHandler((request, reply) => {
    const message = `There is no ${request.method} ${request.url.split('?', 1)[0]}`
    return sendProblem(reply, new SyncError('ROUTE_UNKNOWN', message))
  })
  closeInOrder(server)
  traceRequests(server)
  server.addHook('onRequest', refuseOtherSites)
  guardRoutes(server, signInByKey(context.deps.stores.access, context.deps.clock), answerError)
  addSafetyHeaders(server)
  logRequests(server, context.log)
  describeApi(server)
  addRoutes(server, context)
  return server
}

function addRoutes(server: Server, context: Context): void {
  const { deps } = context
  serveHome(server)
  getHealth(server)
  getReadiness(server, context)
  getMetrics(server, context)
  postNotice(server, deps)
  server.register(async (scope: Server) => addApiRoutes(scope, deps), { prefix: API })
  serveQueueBoard(server, context)
}

/** Nothing is loaded from elsewhere (bull-board would fetch fonts), nobody frames the pages, nobody stores answers. */
function addSafetyHeaders(server: Server): void {
  server.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'content-security-policy':
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; form-action 'self'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
}

/** Who changed what is logged; the many reads are not. */
function logRequests(server: Server, log: Log): void {
  server.addHook('onResponse', async (request, reply) => {
    const facts = {
      request: request.id,
      method: request.method,
      path: request.url.split('?', 1)[0],
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      by: request.signedIn === null ? '' : nameOf(request.signedIn),
    }
    log[request.method === 'GET' || request.method === 'HEAD' ? 'debug' : 'info'](facts, 'Answered')
  })
}
