import { randomUUID } from 'node:crypto'
import fastify from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Context } from '../app/context.ts'
import { nameOf } from '../core/access/principal.ts'
import { SyncError } from '../core/errors.ts'
import type { Log } from '../core/ports/runtime.ts'
import { guardRoutes } from './access.ts'
import { limitActions } from './action-limit.ts'
import { createAnswerError } from './answer-error.ts'
import { answerBrokenRequest, refuseDoubleHeaders } from './broken-requests.ts'
import { API } from './contract/endpoint.ts'
import { takeJsonOnly } from './json-body.ts'
import { describeApi } from './open-api.ts'
import { closeInOrder } from './orderly-close.ts'
import { sendProblem } from './problem.ts'
import { getHealth, getMetrics, getReadiness } from './routes/get-health.ts'
import { serveHome } from './routes/home.ts'
import { postNotice } from './routes/post-notice.ts'
import { serveQueueBoard } from './routes/queue-board.ts'
import { addApiRoutes } from './routes/routes.ts'
import { serveOidc } from './routes/sign-in/oidc.ts'
import { serveSignInPage } from './routes/sign-in/page.ts'
import { serveSession } from './routes/sign-in/session.ts'
import { addSafetyHeaders } from './safety-headers.ts'
import { createSiteGuard } from './same-origin.ts'
import type { Server } from './server-type.ts'
import type { SessionRules } from './sign-in/by-session.ts'
import { createSignIn, sessionRules } from './sign-in/sign-in.ts'
import { traceRequests } from './trace-requests.ts'

const BODY_LIMIT = 1_048_576
const REQUEST_TIMEOUT_MS = 30_000
/** As it stands in the address, where a character may take 12: what is too long is refused with the name of its field. */
const MAX_PARAM_LENGTH = 4_000

/** The HTTP server with all its routes; it does not listen yet. `requestTimeoutMs`: how long a request may take to arrive. */
export function createServer(context: Context, requestTimeoutMs = REQUEST_TIMEOUT_MS): Server {
  const answerError = createAnswerError(context.log, BODY_LIMIT)
  const server = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: requestTimeoutMs,
    // Left to itself the time for the headers is a minute, and Node takes the longer of the two for the whole.
    http: { headersTimeout: requestTimeoutMs, connectionsCheckingInterval: requestTimeoutMs / 3 },
    clientErrorHandler: answerBrokenRequest,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    forceCloseConnections: true,
    return503OnClosing: false,
    // It would be one for `close`, too, which waits for what is running.
    pluginTimeout: 0,
    genReqId: () => randomUUID(),
    trustProxy: context.config.trustedProxies ?? false,
    frameworkErrors: answerError,
  }).withTypeProvider<ZodTypeProvider>()
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  takeJsonOnly(server)
  server.setErrorHandler(answerError)
  server.setNotFoundHandler((request, reply) => {
    const message = `There is no ${request.method} ${request.url.split('?', 1)[0]}`
    return sendProblem(reply, new SyncError('ROUTE_UNKNOWN', message))
  })
  // The other half is for what is closed after it.
  closeInOrder(server, { limitMs: context.config.shutdownSeconds * 500, log: context.log })
  refuseDoubleHeaders(server)
  traceRequests(server)
  const rules = sessionRules(context)
  server.addHook('onRequest', createSiteGuard(rules.publicHost))
  guardRoutes(server, createSignIn(context, rules), answerError)
  server.addHook('onRequest', limitActions(context.config.actionsPerMinute))
  addSafetyHeaders(server, rules.isSecure)
  logRequests(server, context.log)
  describeApi(server)
  addRoutes(server, context, rules)
  return server
}

function addRoutes(server: Server, context: Context, rules: SessionRules): void {
  const { deps } = context
  serveHome(server)
  serveSignInPage(server, context)
  serveSession(server, context, rules)
  serveOidc(server, context, rules)
  getHealth(server)
  getReadiness(server, context)
  getMetrics(server, context)
  server.register(async (scope: Server) => {
    holdConnections(scope, context)
    postNotice(scope, deps)
    scope.register(async (api: Server) => addApiRoutes(api, context), { prefix: API })
  })
  serveQueueBoard(server, context)
}

/** What a route connects to stays open until it has answered, also where nobody waits for the answer any more. */
function holdConnections(scope: Server, { holdFor }: Context): void {
  scope.addHook('onRoute', (route) => {
    const { handler } = route
    route.handler = function (request, reply) {
      return holdFor(async () => handler.call(this, request, reply))
    }
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
