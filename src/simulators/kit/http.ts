import type { IncomingHttpHeaders } from 'node:http'

/** One request as a simulated system sees it: from a socket, or a part of a batch. */
export interface SimRequest {
  readonly method: string
  /** Path as sent, still percent-encoded, without the query. */
  readonly path: string
  /** What follows the question mark, as sent; empty without one. */
  readonly query: string
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The body was larger than the server takes, and `body` is only its beginning. */
  readonly isTooLarge: boolean
  /** Scheme, host and port under which the client knows this server. */
  readonly origin: string
}

/** One answer before it is sent. */
export interface SimAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  /** Records the answer reads or writes; what the service time is reckoned by. */
  readonly rows?: number
}

/** Thrown by whatever refuses a request; the system turns it into its own error body. */
export class HttpProblem extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.name = 'HttpProblem'
    this.status = status
    this.code = code
    this.headers = headers
  }
}

/** An answer with a JSON body, written by `JSON.stringify`. */
export function jsonAnswer(status: number, value: unknown, headers: Record<string, string> = {}): SimAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  }
}

/** An answer without a body. */
export function emptyAnswer(status: number, headers: Record<string, string> = {}): SimAnswer {
  return { status, headers, body: '' }
}

/** One header as one text; several values are joined. */
export function headerOf(request: Pick<SimRequest, 'headers'>, name: string): string | null {
  const value = request.headers[name]
  if (value === undefined) return null
  return Array.isArray(value) ? value.join(', ') : value
}

/** The preferences of a request, names in lower case, quotes removed; without a value the text is empty. */
export function preferencesOf(request: Pick<SimRequest, 'headers'>): ReadonlyMap<string, string> {
  const text = headerOf(request, 'prefer') ?? ''
  const parts = text.match(/(?:[^,;"]|"[^"]*")+/g) ?? []
  return new Map(
    parts.map((part) => {
      const [name = '', ...rest] = part.split('=')
      return [
        name.trim().toLowerCase(),
        rest
          .join('=')
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      ]
    }),
  )
}
