export type HttpMethod = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** Names in lower case; a header that came several times is one text, its values separated by commas. */
export type HttpHeaders = Readonly<Record<string, string>>

/** An answer read to its end. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: HttpHeaders
  readonly text: string
  /** From the moment the request left until the last byte was there. */
  readonly durationMs: number
}

/** How a connection is named in messages: its name, and the origin asked. Never a path with values, never a secret. */
export interface HttpFacts {
  readonly connection: string
  readonly origin: string
}
