import { isIP } from 'node:net'
import { z } from 'zod'
import { parseRoles } from '../core/access/claims.ts'
import type { Role } from '../core/access/role.ts'
import { setting, textLike, webAddress, wholeNumber } from './setting.ts'

const anyText: z.ZodType<string, string> = z.string()
const optionalText = anyText.transform((text) => text || null)

function roleList(): z.ZodType<ReadonlyMap<string, Role>, string> {
  return anyText.transform((text, context) => {
    const found = parseRoles(text)
    if (found) return found
    const message = 'expected values of the claim with their roles, each value once'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

/** Addresses and networks with commas between them; null when not set. */
function proxyList(): z.ZodType<string | null, string> {
  return anyText.transform((text, context) => {
    const proxies = text.split(',').flatMap((each) => each.trim() || [])
    const wrong = proxies.find((each) => !isProxy(each))
    if (wrong === undefined) return proxies.join(',') || null
    const message = `expected addresses or networks, not names, separated by commas, and '${wrong.slice(0, 100)}' is neither`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

/** Written out whole: the server that is given them takes `1` for 0.0.0.1 and `010.0.0.1` for 8.0.0.1, and ends at what it does not know. */
function isProxy(text: string): boolean {
  const [address = '', bits = '1', ...more] = text.split('/')
  const most = isIP(address) === 6 ? 128 : 32
  const isAddress = isIP(address) !== 0 && !address.includes('%')
  return isAddress && more.length === 0 && /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= most
}

/** How people sign in with a browser, and how often somebody may ask for changes. */
export const signInSettings = {
  publicUrl: setting({
    variable: 'COUPLET_PUBLIC_URL',
    doc: 'Where people reach the HTTP server, such as `https://couplet.example`: needed to sign in at an identity provider. With `https` cookies are sent encrypted only.',
    default: '',
    schema: webAddress(),
    remedy: 'Write it like https://couplet.example.',
  }),
  trustedProxies: setting({
    variable: 'COUPLET_TRUSTED_PROXIES',
    doc: 'Addresses or networks of the proxies before the HTTP server (`10.0.0.7,10.1.0.0/16,fd00::/8`; no names): their `X-Forwarded-For` says who asks, which counts for limits and logs.',
    default: '',
    schema: proxyList(),
    remedy: 'Write it like 10.0.0.7,10.1.0.0/16,fd00::/8.',
  }),
  sessionIdleMinutes: setting({
    variable: 'COUPLET_SESSION_IDLE_MINUTES',
    doc: 'After so long without a request somebody who has signed in with a browser has to do it again.',
    default: '60',
    schema: wholeNumber(2, 10_080),
  }),
  sessionHours: setting({
    variable: 'COUPLET_SESSION_HOURS',
    doc: 'After so long somebody has to sign in again, however busy.',
    default: '10',
    schema: wholeNumber(1, 720),
  }),
  oidcIssuer: setting({
    variable: 'COUPLET_OIDC_ISSUER',
    doc: 'Identity provider (OpenID Connect) where people sign in. Not set: they sign in with a password of Couplet (`couplet users`).',
    default: '',
    schema: webAddress(),
    remedy: 'Write it like https://login.example/realm, without /.well-known/openid-configuration.',
  }),
  oidcClientId: setting({
    variable: 'COUPLET_OIDC_CLIENT_ID',
    doc: 'Id of Couplet at the identity provider. The address to return to is `COUPLET_PUBLIC_URL` with `/sign-in/oidc/callback`.',
    default: '',
    schema: optionalText,
  }),
  oidcClientSecret: setting({
    variable: 'COUPLET_OIDC_CLIENT_SECRET',
    doc: 'Secret of Couplet at the identity provider. Not set: a public client. PKCE is used either way.',
    default: '',
    secret: true,
    schema: optionalText,
  }),
  oidcRoleClaim: setting({
    variable: 'COUPLET_OIDC_ROLE_CLAIM',
    doc: 'Claim that says what somebody may do; `realm_access.roles` looks into an object.',
    default: 'roles',
    schema: textLike(/^\S{1,200}$/, 'the name of a claim'),
  }),
  oidcRoles: setting({
    variable: 'COUPLET_OIDC_ROLES',
    doc: 'Which value of that claim gives which role: `couplet-admins=administer, staff=view`. The highest counts; who has none is not let in.',
    default: '',
    schema: roleList(),
    remedy:
      'Write it like couplet-admins=administer, staff=view; roles: view, operate, resolve, configure, administer.',
  }),
  actionsPerMinute: setting({
    variable: 'COUPLET_ACTIONS_PER_MINUTE',
    doc: 'Requests that change something, for each API key and process; people may have 600 of them at most.',
    default: '12000',
    schema: wholeNumber(1, 10_000_000),
  }),
} as const
