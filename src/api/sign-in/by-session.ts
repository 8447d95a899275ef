import type { FastifyRequest } from 'fastify'
import { everything } from '../../core/access/api-key.ts'
import type { Principal } from '../../core/access/principal.ts'
import { SyncError } from '../../core/errors.ts'
import type { AccessStore } from '../../core/ports/access-store.ts'
import { changesSomething, isProvenOwn } from '../same-origin.ts'
import { type CookieRules, readToken } from './cookies.ts'
import { hashToken } from './token.ts'

export interface SessionRules extends CookieRules {
  /** A session that is not used for so long has ended. */
  readonly idleMs: number
  /** However busy, after so long somebody signs in again. */
  readonly longestMs: number
  /** Host of the public address, where there is one. */
  readonly publicHost: string | null
}

/**
 * Finds out who asks by the cookie of the browser; null: there is none. What changes something must prove that it comes from
 * our own pages (CROSS_SITE_REFUSED), because a browser sends cookies by itself. Throws SIGN_IN_NEEDED for a session that has ended.
 */
export function signInBySession(access: Pick<AccessStore, 'useSession'>, rules: SessionRules) {
  return async (request: FastifyRequest): Promise<Principal | null> => {
    const token = readToken(request, 'session', rules)
    if (token === null) return null
    const session = await access.useSession(hashToken(token), rules.idleMs)
    if (session === null) throw new SyncError('SIGN_IN_NEEDED', 'The session has ended')
    if (changesSomething(request.method) && !isProvenOwn(request.headers, rules.publicHost)) {
      throw new SyncError('CROSS_SITE_REFUSED', 'Nothing shows that a page of Couplet has sent this request')
    }
    const { name, kind, role } = session
    return { name, kind, role, scope: everything }
  }
}
