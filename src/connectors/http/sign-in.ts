import type { Clock } from '../../core/ports/runtime.ts'
import { assert } from '../../lib/assert.ts'
import type { Exchange } from './exchange.ts'
import { notSent, stoppedError } from './failures.ts'
import { fetchToken, type Token, type TokenCredentials } from './token.ts'

/** How one application user signs in. Secrets are here in clear text, so this never leaves the process. */
export type Credentials =
  | { readonly kind: 'none' }
  /** NAV on-premises: the password is the web service access key (connectors.md B.9). */
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | TokenCredentials

export interface SignIn {
  /**
   * The Authorization header of a user, null where none is needed. One token request at a time per user, whoever asks.
   * Throws SIGN_IN_REFUSED, or what `toHttpError` says when the authority does not answer.
   */
  authorization(identity: string, signal: AbortSignal): Promise<string | null>
  /** The server has refused this header: it is not given out again. */
  refused(identity: string, authorization: string): void
  /** The text with every secret of this sign-in taken out: passwords, keys, tokens. */
  hide(text: string): string
}

export interface SignInSettings {
  readonly connection: string
  /** By the name of the user, as the budget gives it. */
  readonly users: ReadonlyMap<string, Credentials>
  readonly exchange: Exchange
  readonly clock: Clock
}

/** A token is used until this long before its end. */
const spareMs = 5 * 60_000

export function createSignIn(settings: SignInSettings): SignIn {
  const secrets = new SecretTexts()
  const users = new Map(
    [...settings.users].map(([identity, credentials]) => [
      identity,
      openUser(credentials, settings, secrets),
    ]),
  )
  return {
    async authorization(identity, signal) {
      const user = users.get(identity)
      assert(user, `the budget names user ${identity}, whom connection ${settings.connection} does not have`)
      return user.authorization(signal)
    },
    refused: (identity, authorization) => users.get(identity)?.refused(authorization),
    hide: (text) => secrets.hide(text),
  }
}

interface User {
  authorization(signal: AbortSignal): Promise<string | null>
  refused(authorization: string): void
}

function openUser(credentials: Credentials, settings: SignInSettings, secrets: SecretTexts): User {
  switch (credentials.kind) {
    case 'none':
      return { authorization: async () => null, refused() {} }
    case 'basic': {
      const encoded = Buffer.from(`${credentials.user}:${credentials.password}`, 'utf8').toString('base64')
      secrets.add(credentials.password)
      secrets.add(encoded)
      return { authorization: async () => `Basic ${encoded}`, refused() {} }
    }
    default:
      if (credentials.kind === 'client-secret') secrets.add(credentials.secret)
      return new TokenUser(credentials, settings, secrets)
  }
}

/** Keeps the token of one user; however many ask at once, one request fetches the next one. */
class TokenUser implements User {
  private readonly credentials: TokenCredentials
  private readonly settings: SignInSettings
  private readonly secrets: SecretTexts
  private token: Token | null = null
  /** A text of the server may still repeat the token before. */
  private formerText = ''
  private latestText = ''
  private pending: Promise<Token> | null = null

  constructor(credentials: TokenCredentials, settings: SignInSettings, secrets: SecretTexts) {
    this.credentials = credentials
    this.settings = settings
    this.secrets = secrets
  }

  async authorization(signal: AbortSignal): Promise<string> {
    const stopped = () =>
      notSent(
        stoppedError({
          connection: this.settings.connection,
          origin: this.credentials.tokenUrl.origin,
        }),
      )
    const token = this.usable() ?? (await withSignal(this.renew(), signal, stopped))
    return `Bearer ${token.text}`
  }

  /** Only the token that was refused is dropped: a newer one may have been fetched meanwhile. */
  refused(authorization: string): void {
    if (this.token && authorization === `Bearer ${this.token.text}`) this.token = null
  }

  private usable(): Token | null {
    if (!this.token) return null
    const leftMs = this.token.endsAtMs - this.settings.clock.monotonicMs()
    return leftMs > Math.min(spareMs, this.token.lifeMs / 2) ? this.token : null
  }

  /** Belongs to everybody who waits for it, so no single caller's signal ends it; time-outs of the exchange do. */
  private renew(): Promise<Token> {
    this.pending ??= this.fetch().finally(() => {
      this.pending = null
    })
    return this.pending
  }

  private async fetch(): Promise<Token> {
    const { connection, exchange, clock } = this.settings
    const token = await fetchToken(this.credentials, { connection, exchange, clock })
    this.secrets.replace(this.formerText, token.text)
    this.formerText = this.latestText
    this.latestText = token.text
    this.token = token
    return token
  }
}

/** The promise, given up with the error when the signal is aborted. */
async function withSignal<T>(promise: Promise<T>, signal: AbortSignal, stopped: () => Error): Promise<T> {
  // Whoever gives up must not leave a refusal that nobody handles.
  promise.catch(() => {})
  if (signal.aborted) throw stopped()
  let stop = () => {}
  const given = new Promise<never>((_resolve, reject) => {
    stop = () => reject(stopped())
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([promise, given])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** A shorter text would blacken innocent words. */
const shortest = 4

class SecretTexts {
  private readonly texts = new Set<string>()

  add(secret: string): void {
    if (secret.length >= shortest) this.texts.add(secret)
  }

  replace(former: string, secret: string): void {
    this.texts.delete(former)
    this.add(secret)
  }

  hide(text: string): string {
    let hidden = text
    for (const secret of this.texts) hidden = hidden.replaceAll(secret, '***')
    return hidden
  }
}
