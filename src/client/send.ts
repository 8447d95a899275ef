import { type AnswerOf, API, type BodyOf, type Endpoint, type QueryOf } from '../api/contract/endpoint.ts'
import { Problem } from '../api/contract/problem.ts'
import { CoupletApiError } from './api-error.ts'
import { Patience } from './patience.ts'

export interface CoupletClientOptions {
  /** Where Couplet answers, such as `http://127.0.0.1:7070`. */
  readonly url: string
  /** An API key. */
  readonly key: string
  /** How long one request may take; default 30,000. */
  readonly timeoutMs?: number
  /**
   * How long a request that may be repeated is sent again, and a run is followed, while network or server are in the way; then
   * the failure is passed on. Default 60,000.
   */
  readonly patienceMs?: number
  /** How long a followed run may be silent before it is asked for again: Couplet gives a sign of life each 15 s. Default 45,000. */
  readonly silenceMs?: number
}

/** What one call sends. */
export interface Call<E extends Endpoint> {
  readonly id?: number
  readonly name?: string
  readonly table?: string
  readonly version?: number
  readonly query?: QueryOf<E>
  readonly body?: BodyOf<E>
  /** Makes a request that changes something repeatable. */
  readonly idempotencyKey?: string
  /** The version that a change was made from; 0: what is stored must be new. */
  readonly expectedVersion?: number | undefined
  /** It changes nothing, although it has a body. */
  readonly isReading?: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * Sends one request and gives its answer. A request that may be repeated is sent again while the network or the server
 * is in the way. Throws CoupletApiError for what the server refuses.
 */
export async function send<E extends Endpoint>(
  options: CoupletClientOptions,
  endpoint: E,
  call: Call<E>,
): Promise<AnswerOf<E>> {
  const changesNothing = endpoint.method === 'GET' || call.isReading === true
  const isRepeatable = changesNothing || call.idempotencyKey !== undefined
  const url = addressOf(options, endpoint, call)
  const patience = new Patience(isRepeatable ? options.patienceMs : 0, call.signal)
  for (;;) {
    try {
      return (await (await request(options, endpoint, url, call)).json()) as AnswerOf<E>
    } catch (error) {
      await patience.bear(error)
    }
  }
}

function addressOf<E extends Endpoint>({ url }: CoupletClientOptions, endpoint: E, call: Call<E>): URL {
  return new URL(`${API}${pathOf(endpoint.path, call)}${queryText(call.query ?? {})}`, url)
}

/** Sends one request, once; the body of the answer is not read yet. Throws CoupletApiError. */
async function request<E extends Endpoint>(
  { key, timeoutMs = 30_000 }: CoupletClientOptions,
  endpoint: E,
  url: URL,
  { body, idempotencyKey, expectedVersion, signal }: Call<E>,
): Promise<Response> {
  const limit = AbortSignal.timeout(timeoutMs)
  const answer = await fetch(url, {
    method: endpoint.method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(endpoint.body && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      ...(expectedVersion !== undefined && versionHeader(expectedVersion)),
    },
    ...(endpoint.body && { body: JSON.stringify(body ?? {}) }),
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  })
  if (!answer.ok) throw await readProblem(answer)
  return answer
}

function pathOf(path: string, address: object): string {
  const parts: ReadonlyMap<string, unknown> = new Map(Object.entries(address))
  return path.replace(/:(\w+)/g, (_, part: string) => encodeURIComponent(String(parts.get(part) ?? '')))
}

function versionHeader(version: number): Readonly<Record<string, string>> {
  return version === 0 ? { 'if-none-match': '*' } : { 'if-match': `"${version}"` }
}

function queryText(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const text = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString()
  return text === '' ? '' : `?${text}`
}

/** A proxy before the server may answer something else than a problem document. */
export async function readProblem(answer: Response): Promise<CoupletApiError> {
  const text = await answer.text()
  const parsed = Problem.safeParse(parseJson(text))
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN)
  const problem = parsed.data ?? {
    title: answer.statusText,
    status: answer.status,
    code: 'NO_PROBLEM_DOCUMENT',
    kind: answer.status >= 500 ? 'transient' : 'config',
    detail: `HTTP ${answer.status} from ${new URL(answer.url).host}, which does not look like Couplet`,
    remedy: 'Correct the address; or see what the proxy before Couplet says.',
    request: '',
  }
  return new CoupletApiError(problem, Number.isFinite(seconds) ? seconds : null)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
