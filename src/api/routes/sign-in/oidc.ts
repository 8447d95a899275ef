import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../../app/context.ts'
import { SyncError } from '../../../core/errors.ts'
import type { Server } from '../../server-type.ts'
import type { SessionRules } from '../../sign-in/by-session.ts'
import { readToken, setToken } from '../../sign-in/cookies.ts'
import { countAttempt, takeBackAttempt } from '../../sign-in/limits.ts'
import { createOidc, type Oidc, type OidcSettings } from '../../sign-in/oidc.ts'
import { openSession } from '../../sign-in/open-session.ts'
import { hashToken, newToken } from '../../sign-in/token.ts'

const attemptSeconds = 600
const open = { config: { role: 'anyone' }, schema: { hide: true } } as const

/**
 * The strict cookie of the session is not sent while the browser is still on its way from another site; so this page, which
 * is ours, sends it on.
 */
const arrived = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url=/">
<title>Couplet</title>
<p>You have signed in. <a href="/">Go on</a>.
</html>
`

/** GET /sign-in/oidc: to the identity provider; GET /sign-in/oidc/callback: back from there. Only where one is configured. */
export function serveOidc(
  server: Server,
  context: Pick<Context, 'config' | 'deps'>,
  rules: SessionRules,
): void {
  const settings = oidcSettings(context)
  if (settings === null) return
  const oidc = createOidc(settings)
  const { access } = context.deps.stores
  server.get('/sign-in/oidc', open, async (request, reply) => {
    // A picture on a page of another site begins nothing, and uses nobody's attempts up.
    if ((request.headers['sec-fetch-dest'] ?? 'document') !== 'document')
      throw new SyncError('CROSS_SITE_REFUSED', 'Only a page that is opened begins to sign in')
    await countAttempt(access, addressOf(request), null)
    const { attempt, url } = await oidc.begin()
    const token = newToken()
    await access.beginSignIn({ ...attempt, id: hashToken(token), expiresInMs: attemptSeconds * 1_000 })
    return setToken(reply, 'attempt', token, attemptSeconds, rules).redirect(url.href, 302)
  })
  server.get('/sign-in/oidc/callback', open, (request, reply) =>
    comeBack(request, reply, oidc, rules, context),
  )
}

async function comeBack(
  request: FastifyRequest,
  reply: FastifyReply,
  oidc: Oidc,
  rules: SessionRules,
  { deps }: Pick<Context, 'deps'>,
): Promise<FastifyReply> {
  const token = readToken(request, 'attempt', rules)
  const attempt = token === null ? null : await deps.stores.access.takeSignIn(hashToken(token))
  if (attempt === null)
    throw new SyncError('IDENTITY_REFUSED', 'This browser has not begun to sign in, or too long ago')
  const person = await oidc.finish(request.url.slice(request.url.indexOf('?') + 1), attempt)
  await takeBackAttempt(deps.stores.access, addressOf(request), null)
  setToken(reply, 'attempt', '', 0, rules)
  await openSession({ kind: 'oidc', ...person }, reply, rules, deps)
  return reply.type('text/html; charset=utf-8').send(arrived)
}

/** Who begins at the provider is counted apart from who enters passwords. */
function addressOf({ ip }: FastifyRequest): string {
  return `provider ${ip}`
}

/** Complete where there is an issuer: the configuration is not accepted otherwise. */
function oidcSettings({ config }: Pick<Context, 'config'>): OidcSettings | null {
  const { oidcIssuer, oidcClientId, oidcClientSecret, oidcRoleClaim, oidcRoles, publicUrl } = config
  if (oidcIssuer === null || oidcClientId === null || publicUrl === null) return null
  return {
    issuer: oidcIssuer,
    clientId: oidcClientId,
    clientSecret: oidcClientSecret,
    callback: new URL('/sign-in/oidc/callback', publicUrl),
    rule: { claim: oidcRoleClaim, roles: oidcRoles },
  }
}
