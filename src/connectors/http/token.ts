import { z } from 'zod'
import { SyncError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/runtime.ts'
import { requireContentType } from './body.ts'
import { type CertificateKey, clientAssertion } from './client-assertion.ts'
import type { Exchange } from './exchange.ts'
import { answerInvalid } from './failures.ts'
import type { HttpAnswer, HttpFacts } from './http.ts'
import { retryAfterMs } from './retry.ts'

interface ClientFacts {
  readonly tokenUrl: URL
  readonly clientId: string
  readonly scope: string
}

/** OAuth 2 client credentials (connectors.md A.1, B.9): an application signs in for itself. */
export type TokenCredentials =
  | ({ readonly kind: 'client-secret'; readonly secret: string } & ClientFacts)
  | ({ readonly kind: 'client-certificate'; readonly key: CertificateKey } & ClientFacts)

export interface Token {
  readonly text: string
  readonly lifeMs: number
  /** On the monotonic clock. */
  readonly endsAtMs: number
}

/** The token end point of a tenant below an authority, for example https://login.microsoftonline.com/. */
export function tokenUrl(authority: URL, tenant: string): URL {
  return new URL(`${encodeURIComponent(tenant)}/oauth2/v2.0/token`, authority)
}

export interface TokenContext {
  readonly connection: string
  readonly exchange: Exchange
  readonly clock: Clock
}

const maxAnswerBytes = 1_000_000

const TokenAnswer = z.object({
  token_type: z.string().regex(/^bearer$/i),
  access_token: z.string().regex(/^[\x21-\x7e]{1,100000}$/),
  expires_in: z.coerce.number().int().min(1).max(31_536_000),
})
const TokenRefusal = z.object({ error: z.string().regex(/^[a-z_]{1,60}$/) })

/**
 * Asks for a token, once. Throws SIGN_IN_REFUSED where the authority does not accept the application, THROTTLED and
 * SERVICE_FAILED where it cannot answer now, and what the exchange throws.
 */
export async function fetchToken(credentials: TokenCredentials, context: TokenContext): Promise<Token> {
  const facts = { connection: context.connection, origin: credentials.tokenUrl.origin }
  const startMs = context.clock.monotonicMs()
  const answer = await context.exchange.exchange({
    method: 'POST',
    url: credentials.tokenUrl,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: tokenForm(credentials, context.clock.now()).toString(),
    maxAnswerBytes,
    // Shared by everybody who waits for the token; the exchange's own time limits end it.
    signal: new AbortController().signal,
  })
  if (answer.status !== 200) throw refusal(answer, credentials, facts, context.clock.now())
  requireContentType(answer.headers, /^application\/([a-z.-]+\+)?json$/, facts)
  const token = TokenAnswer.safeParse(parseJson(answer.text))
  if (!token.success) throw answerInvalid(facts, 'to the sign-in holds no usable token')
  const lifeMs = token.data.expires_in * 1_000
  return { text: token.data.access_token, lifeMs, endsAtMs: startMs + lifeMs }
}

function tokenForm(credentials: TokenCredentials, now: Date): URLSearchParams {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: credentials.clientId,
    scope: credentials.scope,
  })
  if (credentials.kind === 'client-secret') {
    form.set('client_secret', credentials.secret)
  } else {
    form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    form.set('client_assertion', clientAssertion(credentials, now))
  }
  return form
}

/** The authority's own words stay out: they may repeat what was sent. */
function refusal(answer: HttpAnswer, credentials: TokenCredentials, facts: HttpFacts, now: Date): SyncError {
  const parsed = TokenRefusal.safeParse(parseJson(answer.text))
  const reason = parsed.success ? parsed.data.error : `status ${answer.status}`
  const data = { ...facts, clientId: credentials.clientId, status: answer.status, mayHaveRun: false }
  const text = `Connection ${facts.connection}: ${facts.origin}`
  if (answer.status === 429 || answer.status >= 500) {
    const afterMs = retryAfterMs(answer.headers['retry-after'], now)
    const code = answer.status === 429 ? 'THROTTLED' : 'SERVICE_FAILED'
    return new SyncError(code, `${text} cannot sign anybody in now (status ${answer.status})`, {
      data,
      ...(afterMs === null ? {} : { retryAfterMs: afterMs }),
    })
  }
  const message = `${text} does not let application ${credentials.clientId} sign in (${reason})`
  return new SyncError('SIGN_IN_REFUSED', message, { data })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
