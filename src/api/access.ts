import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../core/access/principal.ts'
import { includesRole } from '../core/access/role.ts'
import { SyncError } from '../core/errors.ts'
import type { AnswerError } from './answer-error.ts'
import { sendProblem } from './problem.ts'
import type { Server } from './server-type.ts'

/** Finds out who asks; throws when that is not known. */
type SignIn = (request: FastifyRequest) => Promise<Principal>

/**
 * Lets a request in only with the role that its route names in its `config`. A server with a route that names none does
 * not start, so that nobody can forget one.
 */
export function guardRoutes(server: Server, signIn: SignIn, answerError: AnswerError): void {
  const routes: { readonly title: string; readonly role: () => string | undefined }[] = []
  server.decorateRequest('signedIn', null)
  server.decorateRequest('principal', {
    getter() {
      if (this.signedIn === null) throw new Error('This route is open for anyone: nobody has signed in')
      return this.signedIn
    },
  })
  server.addHook('onRoute', (route) => {
    routes.push({ title: `${String(route.method)} ${route.url}`, role: () => route.config?.role })
  })
  server.addHook('onReady', async () => {
    const open = routes.filter(({ role }) => role() === undefined).map(({ title }) => title)
    if (open.length > 0) throw new Error(`Routes that do not say which role they need: ${open.join(', ')}`)
  })
  server.addHook('onRequest', createGuard(signIn, answerError))
}

/** Answers by itself: a scope (the queue board) has an error handler of its own, which knows none of our codes. */
function createGuard(signIn: SignIn, answerError: AnswerError) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const needed = request.routeOptions.config.role
    // What has no route is answered with 404 to anyone.
    if (needed === 'anyone' || request.is404) return undefined
    try {
      request.signedIn = await signIn(request)
    } catch (error) {
      return answerError(error, request, reply)
    }
    const { name, role } = request.signedIn
    if (needed !== undefined && includesRole(role, needed)) return undefined
    const message = `'${name}' has the role '${role}', but this needs '${needed}'`
    return sendProblem(reply, new SyncError('ROLE_MISSING', message))
  }
}
