import { setTimeout as delay } from 'node:timers/promises'
import { type AnswerOf, API, type BodyOf, type Endpoint, type QueryOf } from '../api/contract/endpoint.ts'
import { Problem } from '../api/contract/problem.ts'
import { CoupletApiError } from './api-error.ts'

export interface CoupletClientOptions {
  /** Where Couplet answers, such as `http://127.0.0.1:7070`. */
  readonly url: string
  /** An API key. */
  readonly key: string
  /** How long one request may take; default 30,000. */
  readonly timeoutMs?: number
  /** How often a request that may be repeated is sent before its failure is passed on; default 4. */
  readonly attempts?: number
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

const FIRST_PAUSE_MS = 250
const MAX_PAUSE_MS = 10_000

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
  const attempts = isRepeatable ? (options.attempts ?? 4) : 1
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await (await request(options, endpoint, call)).json()) as AnswerOf<E>
    } catch (error) {
      if (attempt >= attempts || !isPassing(error) || call.signal?.aborted) throw error
      await pause(attempt, error, call.signal)
    }
  }
}

/** Sends one request, once; the body of the answer is not read yet. Throws CoupletApiError. */
async function request<E extends Endpoint>(
  { url, key, timeoutMs = 30_000 }: CoupletClientOptions,
  endpoint: E,
  { query, body, idempotencyKey, expectedVersion, signal, ...address }: Call<E>,
): Promise<Response> {
  const path = pathOf(endpoint.path, address)
  const limit = AbortSignal.timeout(timeoutMs)
  const answer = await fetch(new URL(`${API}${path}${queryText(query ?? {})}`, url), {
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

/** Whether trying again may help: no answer came, or one that says so. */
export function isPassing(error: unknown): boolean {
  return error instanceof CoupletApiError ? error.status === 503 || error.status === 429 : true
}

/** Waits before attempt number `attempt` + 1; throws when the signal is aborted. */
export async function pause(attempt: number, error: unknown, signal: AbortSignal | undefined): Promise<void> {
  const asked = error instanceof CoupletApiError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0
  const stepMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1))
  await delay(Math.max(asked, stepMs * (0.5 + Math.random() / 2)), undefined, signal ? { signal } : {})
}
