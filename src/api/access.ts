import type { FastifyReply, FastifyRequest } from 'fastify'
import { isInScope, isLimited } from '../core/access/api-key.ts'
import type { Principal } from '../core/access/principal.ts'
import { includesRole } from '../core/access/role.ts'
import { SyncError } from '../core/errors.ts'
import type { RunDetails } from '../core/ports/run-store.ts'
import type { Deps } from '../usecases/deps.ts'
import type { AnswerError } from './answer-error.ts'
import { sendProblem } from './problem.ts'
import type { GuardedRoute, Server } from './server-type.ts'

/** Finds out who asks; throws when that is not known. */
type SignIn = (request: FastifyRequest) => Promise<Principal>

/**
 * Lets a request in only with the role that its route names in its `config`. A server with a route that names none does
 * not start, so that nobody can forget one.
 */
export function guardRoutes(server: Server, signIn: SignIn, answerError: AnswerError): void {
  const routes: (() => GuardedRoute)[] = []
  server.decorate('guardedRoutes', () => routes.map((read) => read()))
  server.decorateRequest('signedIn', null)
  server.decorateRequest('principal', {
    getter() {
      if (this.signedIn === null) throw new Error('This route is open for anyone: nobody has signed in')
      return this.signedIn
    },
  })
  server.addHook('onRoute', (route) => {
    const { url, method } = route
    // A scope may say it for all of its routes, in a hook that runs after this one.
    for (const each of [method].flat())
      routes.push(() => {
        const { role, isScoped = false } = route.config ?? {}
        return { method: each, url, role, isScoped }
      })
  })
  server.addHook('onReady', async () => {
    const open = server.guardedRoutes().flatMap((each) => (each.role ? [] : `${each.method} ${each.url}`))
    if (open.length > 0) throw new Error(`Routes that do not say which role they need: ${open.join(', ')}`)
  })
  server.addHook('onRequest', createGuard(signIn, answerError))
}

/** Answers by itself: a scope (the queue board) has an error handler of its own, which knows none of our codes. */
function createGuard(signIn: SignIn, answerError: AnswerError) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const { role: needed, isScoped } = request.routeOptions.config
    // What has no route is answered with 404 to anyone.
    if (needed === 'anyone' || request.is404) return undefined
    try {
      request.signedIn = await signIn(request)
    } catch (error) {
      return answerError(error, request, reply)
    }
    const { name, role, scope } = request.signedIn
    if (needed === undefined || !includesRole(role, needed)) {
      const message = `'${name}' has the role '${role}', but this needs '${needed}'`
      return sendProblem(reply, new SyncError('ROLE_MISSING', message))
    }
    if (isScoped || !isLimited(scope)) return undefined
    return sendProblem(reply, outOfScope(name, 'this is about more than some pairs or mappings'))
  }
}

/** Throws SCOPE_MISSING unless who asks may have to do with this pair and mapping; null: with all of them. */
export function assertInScope({ name, scope }: Principal, pair: string | null, mapping: string | null): void {
  if (isInScope(scope, pair, mapping)) return
  const asked = [pair && `pair '${pair}'`, mapping && `mapping '${mapping}'`].filter(Boolean).join(', ')
  throw outOfScope(name, `not for ${asked || 'all pairs and mappings'}`)
}

/** The same for a run: its pair, and the mapping of each of its lines. */
export async function assertRunInScope(
  principal: Principal,
  { run, lines }: Pick<RunDetails, 'run' | 'lines'>,
  { stores }: Pick<Deps, 'stores'>,
): Promise<void> {
  if (!isLimited(principal.scope)) return
  const { name } = await stores.mappings.getPair(run.pairId)
  for (const { mappingName } of lines) assertInScope(principal, name, mappingName)
  if (lines.length === 0) assertInScope(principal, name, null)
}

function outOfScope(name: string, reason: string): SyncError {
  return new SyncError('SCOPE_MISSING', `The API key '${name}' is for some pairs or mappings only: ${reason}`)
}
