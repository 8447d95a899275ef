import type { FastifyRequest } from 'fastify'
import type { Context } from '../../app/context.ts'
import type { Principal } from '../../core/access/principal.ts'
import { signInByKey } from './by-key.ts'
import { type SessionRules, signInBySession } from './by-session.ts'

/** Finds out who asks: by the key where one is sent, else by the session of the browser. */
export function createSignIn({ deps }: Pick<Context, 'deps'>, rules: SessionRules) {
  const byKey = signInByKey(deps.stores.access, deps.clock)
  const bySession = signInBySession(deps.stores.access, rules)
  return async (request: FastifyRequest): Promise<Principal> => {
    const known = request.headers.authorization === undefined ? await bySession(request) : null
    return known ?? byKey(request)
  }
}

/** What the settings say about sessions. */
export function sessionRules({ config }: Pick<Context, 'config'>): SessionRules {
  const { publicUrl, sessionIdleMinutes, sessionHours } = config
  return {
    isSecure: publicUrl?.protocol === 'https:',
    publicHost: publicUrl?.host ?? null,
    idleMs: sessionIdleMinutes * 60_000,
    longestMs: sessionHours * 3_600_000,
  }
}
