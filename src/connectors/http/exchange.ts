import { Pool } from 'undici'
import type { Clock } from '../../core/ports/runtime.ts'
import { readBody } from './body.ts'
import { answerTooSlow, redirectRefused, stoppedError, toHttpError } from './failures.ts'
import type { HttpAnswer, HttpFacts, HttpHeaders, HttpMethod } from './http.ts'
import { assertHostAllowed, guardedLookup, type Networks, reachOf } from './networks.ts'

export interface ExchangeSettings {
  /** Name of the connection, for messages. */
  readonly connection: string
  /** Sockets per origin; requests beyond that wait for one. */
  readonly sockets: number
  readonly connectTimeoutMs: number
  /** From the last byte sent to the first of the answer. */
  readonly headersTimeoutMs: number
  /** Between two pieces of the body. */
  readonly bodyTimeoutMs: number
  /** For the whole exchange, so that an answer that drips does not last for ever. */
  readonly totalTimeoutMs: number
  /** Certificates (PEM) of the authorities to trust instead of the usual ones. */
  readonly certificateAuthorities?: string
  /** Where it may connect to besides public addresses. */
  readonly privateNetworks: Networks
  /** What is not encrypted is sent to `privateNetworks` only. */
  readonly publicNeedsTls?: boolean
  readonly clock: Clock
}

export interface OutgoingRequest {
  readonly method: HttpMethod
  readonly url: URL
  readonly headers: HttpHeaders
  readonly body: string | null
  /** Most bytes of the answer, counted after decompression. */
  readonly maxAnswerBytes: number
  readonly signal: AbortSignal
}

/** One request, one answer: no retry, no redirect, no cookie. Throws SyncError, see `toHttpError`. */
export interface Exchange {
  exchange(request: OutgoingRequest): Promise<HttpAnswer>
  close(): Promise<void>
}

/** Opens connections when they are first needed and keeps them, one pool per origin. */
export function createExchange(settings: ExchangeSettings): Exchange {
  const pools = new Map<string, Pool>()
  const poolOf = (origin: string): Pool => {
    const pool = pools.get(origin) ?? openPool(origin, settings)
    pools.set(origin, pool)
    return pool
  }
  return {
    exchange: (request) => exchangeOnce(request, () => poolOf(request.url.origin), settings),
    async close() {
      await Promise.allSettled([...pools.values()].map((pool) => pool.destroy()))
      pools.clear()
    },
  }
}

function openPool(origin: string, settings: ExchangeSettings): Pool {
  const { certificateAuthorities: ca, privateNetworks, publicNeedsTls = false } = settings
  const reach = publicNeedsTls ? reachOf(new URL(origin)) : 'public too'
  assertHostAllowed(new URL(origin).hostname, privateNetworks, reach)
  return new Pool(origin, {
    connections: settings.sockets,
    pipelining: 1,
    connect: {
      timeout: settings.connectTimeoutMs,
      lookup: guardedLookup(privateNetworks, reach),
      ...(ca === undefined ? {} : { ca }),
    },
    headersTimeout: settings.headersTimeoutMs,
    bodyTimeout: settings.bodyTimeoutMs,
  })
}

async function exchangeOnce(
  request: OutgoingRequest,
  openedPool: () => Pool,
  settings: ExchangeSettings,
): Promise<HttpAnswer> {
  const facts = { connection: settings.connection, origin: request.url.origin }
  const limit = startLimit(request.signal, settings.totalTimeoutMs)
  try {
    if (request.signal.aborted) throw stoppedError(facts)
    return await send(request, openedPool(), limit.signal, facts, settings.clock)
  } catch (error) {
    if (request.signal.aborted) throw stoppedError(facts)
    throw limit.isOver() ? answerTooSlow(facts, settings.totalTimeoutMs) : toHttpError(error, facts)
  } finally {
    limit.stop()
  }
}

async function send(
  request: OutgoingRequest,
  pool: Pool,
  signal: AbortSignal,
  facts: HttpFacts,
  clock: Clock,
): Promise<HttpAnswer> {
  const startMs = clock.monotonicMs()
  const response = await pool.request({
    method: request.method,
    path: request.url.pathname + request.url.search,
    headers: { 'accept-encoding': 'gzip', ...request.headers },
    body: request.body,
    signal,
  })
  const headers = plainHeaders(response.headers)
  const text = await readBody(response.body, headers, request.maxAnswerBytes, facts)
  const status = response.statusCode
  if (status >= 300 && status < 400 && status !== 304) throw redirectRefused(facts, status)
  return { status, headers, text, durationMs: clock.monotonicMs() - startMs }
}

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): HttpHeaders {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return plain
}

interface Limit {
  readonly signal: AbortSignal
  isOver(): boolean
  stop(): void
}

/** Aborts with the given signal or after a time. By hand, since AbortSignal.any keeps its sources' listeners alive. */
function startLimit(outer: AbortSignal, ms: number): Limit {
  const controller = new AbortController()
  const abort = () => controller.abort()
  let over = false
  const timer = setTimeout(() => {
    over = true
    abort()
  }, ms)
  outer.addEventListener('abort', abort, { once: true })
  if (outer.aborted) abort()
  return {
    signal: controller.signal,
    isOver: () => over,
    stop() {
      clearTimeout(timer)
      outer.removeEventListener('abort', abort)
    },
  }
}
