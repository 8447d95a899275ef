import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { assertionProblem } from './assertion.ts'
import { HttpProblem, headerOf, jsonAnswer, type SimAnswer, type SimRequest } from './http.ts'
import type { SimulatedTime } from './time.ts'

/** An application that may sign in, and the user it then is. */
export interface Application {
  readonly clientId: string
  readonly clientSecret: string
  /** In PEM form; an assertion signed by its key does as well as the secret. */
  readonly certificate?: string
}

export interface SignInOptions {
  readonly tenant: string
  readonly applications: readonly Application[]
  /** The only scope that is granted; `{origin}` stands for the address of this server. Null takes any. */
  readonly scope: string | null
  /** How long a token is good for, in milliseconds; never scaled, or clients that renew early would do nothing else. */
  readonly tokenLifetimeMs: number
}

/** OAuth2 with client credentials (connectors.md A.1): tokens expire by the simulated clock and can be revoked. */
export interface SignIn {
  /** True for the path of the token endpoint, `/{tenant}/oauth2/v2.0/token`. */
  isTokenPath(path: string): boolean
  token(request: SimRequest): SimAnswer
  /** The client id that the request's token stands for; null for a missing, unknown or expired token. */
  userOf(request: Pick<SimRequest, 'headers'>): string | null
  /** Makes every token there is invalid; only those that are fetched from now on work. */
  revokeAll(): void
}

const mostTokens = 10_000

export function createSignIn(options: SignInOptions, time: SimulatedTime): SignIn {
  const tokens = new Map<string, { clientId: string; endsMs: number }>()
  return {
    isTokenPath: (path) => /^\/[^/]+\/oauth2\/v2\.0\/token$/.test(path),
    token(request) {
      try {
        const { clientId } = checkForm(request, options, time.nowMs())
        const token = `${randomUUID()}.${randomBytes(24).toString('base64url')}`
        const lifetimeMs = options.tokenLifetimeMs
        tokens.set(token, { clientId, endsMs: time.monotonicMs() + lifetimeMs })
        for (const oldest of tokens.keys()) {
          if (tokens.size <= mostTokens) break
          tokens.delete(oldest)
        }
        const expires = Math.max(1, Math.floor(lifetimeMs / 1_000))
        return jsonAnswer(200, {
          token_type: 'Bearer',
          expires_in: expires,
          ext_expires_in: expires,
          access_token: token,
        })
      } catch (error) {
        if (!(error instanceof HttpProblem)) throw error
        return jsonAnswer(error.status, { error: error.code, error_description: error.message })
      }
    },
    userOf(request) {
      const token = /^bearer (.+)$/i.exec(headerOf(request, 'authorization') ?? '')?.[1]
      const found = token === undefined ? undefined : tokens.get(token)
      return found && found.endsMs > time.monotonicMs() ? found.clientId : null
    },
    revokeAll: () => tokens.clear(),
  }
}

/** Refuses like the real endpoint: the first thing that is wrong, and nothing about what would be right. */
function checkForm(request: SimRequest, options: SignInOptions, nowMs: number): Application {
  const form = new URLSearchParams(request.body.toString('utf8'))
  const tenant = request.path.split('/')[1]
  if (request.method !== 'POST') throw refused('invalid_request', 'AADSTS900561: only POST is accepted.')
  if (tenant !== options.tenant)
    throw refused('invalid_request', `AADSTS90002: Tenant '${tenant}' not found.`)
  if (form.get('grant_type') !== 'client_credentials') {
    throw refused('unsupported_grant_type', 'AADSTS70003: The app requested an unsupported grant type.')
  }
  const application = options.applications.find((each) => each.clientId === form.get('client_id'))
  if (!application) throw refused('unauthorized_client', 'AADSTS700016: Application was not found.')
  checkProof(form, application, `${request.origin}${request.path}`, nowMs)
  const scope = options.scope?.replace('{origin}', request.origin) ?? null
  if (scope !== null && form.get('scope') !== scope) {
    throw refused('invalid_scope', 'AADSTS70011: The provided value for scope is not valid.')
  }
  return application
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** The secret, or an assertion signed with the certificate's key. */
function checkProof(
  form: URLSearchParams,
  { clientId, clientSecret, certificate }: Application,
  audience: string,
  nowMs: number,
): void {
  const assertion = form.get('client_assertion')
  if (assertion === null) {
    if (isSecret(form.get('client_secret') ?? '', clientSecret)) return
    throw refused('invalid_client', 'AADSTS7000215: Invalid client secret provided.')
  }
  const problem =
    certificate === undefined || form.get('client_assertion_type') !== assertionType
      ? 'assertions are not accepted'
      : assertionProblem(assertion, { clientId, certificate, audience, nowMs })
  if (problem !== null) throw refused('invalid_client', `AADSTS700027: Client assertion: ${problem}.`)
}

function isSecret(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function refused(code: string, message: string): HttpProblem {
  return new HttpProblem(400, code, message)
}
