import { parseCookie, stringifySetCookie } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** The two cookies there are. `session`: somebody who has signed in; `attempt`: somebody who is at the identity provider. */
type CookieKind = 'session' | 'attempt'

/** Cookies are only for https where the public address is. Such a name is taken by browsers from this very host only. */
export interface CookieRules {
  readonly isSecure: boolean
}

/** `strict`: no other site can make a browser send it. The way back from the identity provider begins at another site. */
const sameSite = { session: 'strict', attempt: 'lax' } as const

export function readToken(request: FastifyRequest, kind: CookieKind, rules: CookieRules): string | null {
  return parseCookie(request.headers.cookie ?? '')[cookieName(kind, rules)] ?? null
}

/** Sets the cookie for so many seconds; 0 removes it. No script can read it. */
export function setToken(
  reply: FastifyReply,
  kind: CookieKind,
  token: string,
  maxAge: number,
  rules: CookieRules,
): FastifyReply {
  const cookie = stringifySetCookie(cookieName(kind, rules), token, {
    httpOnly: true,
    sameSite: sameSite[kind],
    secure: rules.isSecure,
    path: '/',
    maxAge,
  })
  return reply.header('set-cookie', cookie)
}

function cookieName(kind: CookieKind, { isSecure }: CookieRules): string {
  return `${isSecure ? '__Host-' : ''}couplet-${kind}`
}
