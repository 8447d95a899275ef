import { setTimeout as delay } from 'node:timers/promises'
import { CoupletApiError } from './api-error.ts'

const PATIENCE_MS = 60_000
const FIRST_PAUSE_MS = 250
const MAX_PAUSE_MS = 10_000

/** What may pass by itself: the server is being restarted, a network is being repaired. A certificate stays wrong. */
const passingCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
])

/** A proxy answers 502 or 504 for a server that is not there, the server itself 503. */
const passingStatus: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** A stream has ended before what it tells of has. */
export class StreamEnded extends Error {
  override readonly name = 'StreamEnded'
}

/** Whether trying again may help: no answer came, or one that says so. */
function isPassing(error: unknown): boolean {
  if (error instanceof CoupletApiError) {
    return passingStatus.has(error.status) || error.problem.kind === 'transient'
  }
  if (!(error instanceof Error)) return false
  // `fetch` wraps what the network has said.
  return (
    error instanceof StreamEnded || error.name === 'TimeoutError' || passingCodes.has(codeOf(error.cause))
  )
}

function codeOf(cause: unknown): unknown {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
}

/** How long failures that may pass are borne, with pauses that grow, from the first one on. */
export class Patience {
  readonly #limitMs: number
  readonly #signal: AbortSignal | undefined
  #failures = 0
  #firstAt = 0

  /** `limitMs` 0: no failure is borne. */
  constructor(limitMs = PATIENCE_MS, signal?: AbortSignal) {
    this.#limitMs = limitMs
    this.#signal = signal
  }

  /** Nothing is in the way any more. */
  renew(): void {
    this.#failures = 0
  }

  /** Waits until another attempt is worth it. Throws `error` where it will not pass, or has lasted too long. */
  async bear(error: unknown): Promise<void> {
    if (!isPassing(error) || this.#signal?.aborted) throw error
    const pauseMs = Math.max(askedMs(error), stepMs(this.#failures))
    if (this.#failures === 0) this.#firstAt = performance.now()
    if (performance.now() - this.#firstAt + pauseMs > this.#limitMs) throw error
    this.#failures += 1
    await delay(pauseMs, undefined, this.#signal ? { signal: this.#signal } : {})
  }
}

function stepMs(failures: number): number {
  return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * (0.5 + Math.random() / 2)
}

function askedMs(error: unknown): number {
  return error instanceof CoupletApiError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0
}
