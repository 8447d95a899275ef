import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import { nameOfClaims, type RoleRule, roleOfClaims } from '../../core/access/claims.ts'
import type { Role } from '../../core/access/role.ts'
import { SyncError } from '../../core/errors.ts'
import type { SignInAttempt } from '../../core/ports/access-store.ts'

export interface OidcSettings {
  readonly issuer: URL
  readonly clientId: string
  /** Null: a public client; PKCE is always used. */
  readonly clientSecret: string | null
  readonly callback: URL
  readonly rule: RoleRule
}

/** Somebody as the provider knows them: a name for people, and the subject, which the provider gives to nobody else. */
interface Identified {
  readonly name: string
  readonly role: Role
  readonly subject: string
}

/** Signing in at an identity provider: authorization code with PKCE, state and nonce. */
export interface Oidc {
  begin(): Promise<{ readonly attempt: SignInAttempt; readonly url: URL }>
  /** Who came back with this query. Throws IDENTITY_REFUSED. */
  finish(query: string, attempt: SignInAttempt): Promise<Identified>
}

/** The provider is asked what it can when somebody signs in for the first time, and remembered once it has answered. */
export function createOidc(settings: OidcSettings): Oidc {
  let known: Promise<Configuration> | null = null
  const provider = async () => {
    known ??= discover(settings)
    try {
      return await known
    } catch (error) {
      known = null
      const message = `The identity provider ${settings.issuer.host} does not answer as one`
      throw new SyncError('IDENTITY_UNAVAILABLE', message, { cause: error })
    }
  }
  return {
    async begin() {
      const attempt = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() }
      const { verifier, ...sent } = attempt
      const url = buildAuthorizationUrl(await provider(), {
        ...sent,
        redirect_uri: settings.callback.href,
        scope: 'openid profile email',
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      return { attempt, url }
    },
    async finish(query, attempt) {
      const claims = await readClaims(await provider(), query, attempt, settings)
      const role = roleOfClaims(claims, settings.rule)
      const name = nameOfClaims(claims)
      if (role !== null) return { name, role, subject: claims.sub }
      throw refused(`'${name}' has no role here: the claim ${settings.rule.claim} gives none`)
    },
  }
}

/** Plain http only to this machine, where a provider is tried out. */
function discover({ issuer, clientId, clientSecret }: OidcSettings): Promise<Configuration> {
  const isLocal = issuer.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(issuer.hostname)
  const proof = clientSecret === null ? None() : ClientSecretPost(clientSecret)
  return discovery(issuer, clientId, undefined, proof, isLocal ? { execute: [allowInsecureRequests] } : {})
}

type Claims = Readonly<Record<string, unknown>> & { readonly sub: string }

async function readClaims(
  provider: Configuration,
  query: string,
  { state, nonce, verifier }: SignInAttempt,
  { callback, rule }: OidcSettings,
): Promise<Claims> {
  const url = new URL(callback)
  url.search = query
  try {
    const tokens = await authorizationCodeGrant(provider, url, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    })
    const claims = tokens.claims()
    if (claims === undefined) throw refused('The identity provider says nothing about who came')
    const hasMore = provider.serverMetadata().userinfo_endpoint !== undefined
    if (roleOfClaims(claims, rule) !== null || !hasMore) return claims
    return { ...(await fetchUserInfo(provider, tokens.access_token, claims.sub)), ...claims }
  } catch (error) {
    if (error instanceof SyncError) throw error
    throw refused('The identity provider did not confirm it', error)
  }
}

function refused(message: string, cause?: unknown): SyncError {
  return new SyncError('IDENTITY_REFUSED', message, cause === undefined ? {} : { cause })
}
