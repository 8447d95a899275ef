import { SyncError, toSyncError } from '../../core/errors.ts'
import type {
  RequestAnswer,
  RequestBudget,
  RequestLane,
  RequestPermit,
} from '../../core/ports/request-budget.ts'
import type { Clock } from '../../core/ports/runtime.ts'
import { countRequest } from '../../lib/request-meter.ts'
import { sleep } from '../../lib/sleep.ts'
import type { Exchange } from './exchange.ts'
import { inDoubt, mayHaveRun, notSent, stoppedError } from './failures.ts'
import type { HttpAnswer, HttpHeaders, HttpMethod } from './http.ts'
import { type AttemptEnd, decideRetry, type RetryPolicy, retryAfterMs } from './retry.ts'
import type { SignIn } from './sign-in.ts'

export interface TransportRequest {
  readonly method: HttpMethod
  readonly url: URL
  readonly headers: HttpHeaders
  readonly body: string | null
  /** Sending it twice is as good as sending it once, whatever the first one did. */
  readonly isRepeatable: boolean
  /** Asked right before each sending, after every wait; throws when the request may not leave any more. */
  readonly assertMaySend: () => void
  readonly lane: RequestLane
  /** The mapping the request belongs to, for a fair share; null when it belongs to none. */
  readonly mapping: string | null
  readonly maxAnswerBytes: number
  readonly signal: AbortSignal
}

export interface TransportAnswer extends HttpAnswer {
  readonly retryAfterMs: number | null
  /** An earlier sending of this very request may have been carried out: a 412 or 404 may speak of our own deed. */
  readonly mayHaveRunBefore: boolean
}

/** What an answer says about the limits of the user it was sent for; differs from system to system. */
export type ReadLimits = (answer: HttpAnswer) => Pick<RequestAnswer, 'parallelismHint' | 'facet'>

export interface TransportSettings {
  readonly connection: string
  readonly exchange: Exchange
  readonly budget: RequestBudget
  readonly signIn: SignIn
  readonly readLimits: ReadLimits
  readonly retry: RetryPolicy
  readonly clock: Clock
  /** In [0, 1), for the jitter of waits. */
  readonly random: () => number
  readonly wait?: typeof sleep
}

/** Sends requests within a budget, signed in, and repeats them where `decideRetry` says so. */
export interface Transport {
  /** The answer, whatever its status but 401. Throws SyncError; `mayHaveRun(error)` says whether it may have taken effect. */
  send(request: TransportRequest): Promise<TransportAnswer>
  /** Any text of the server, with our own secrets taken out. */
  hide(text: string): string
  close(): Promise<void>
}

export function createTransport(settings: TransportSettings): Transport {
  return {
    send: (request) => new Sending(request, settings).run(),
    hide: (text) => settings.signIn.hide(text),
    close: () => settings.exchange.close(),
  }
}

type Attempt =
  | { readonly identity: string; readonly answer: HttpAnswer; readonly retryAfterMs: number | null }
  | { readonly identity: string; readonly error: SyncError }

/** One request through all its attempts. */
class Sending {
  private readonly request: TransportRequest
  private readonly settings: TransportSettings
  private readonly heldUntil = new Map<string, number>()
  private waitedMs = 0
  private hasSignedInAgain = false
  private mayHaveRunBefore = false

  constructor(request: TransportRequest, settings: TransportSettings) {
    this.request = request
    this.settings = settings
  }

  async run(): Promise<TransportAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const done = await this.attempt()
      if (this.request.signal.aborted) return this.finish(done)
      const again = decideRetry(
        endOf(done),
        {
          attempt,
          isRepeatable: this.request.isRepeatable,
          hasSignedInAgain: this.hasSignedInAgain,
          waitedMs: this.waitedMs,
          random: this.settings.random(),
        },
        this.settings.retry,
      )
      if (!again.again) return this.finish(done)
      if (again.signInAgain) this.hasSignedInAgain = true
      this.mayHaveRunBefore ||= mayHaveTakenEffect(done)
      await this.pause(done, again.afterMs)
    }
  }

  private finish(done: Attempt): TransportAnswer {
    if ('error' in done) throw this.finalError(done.error)
    if (done.answer.status === 401) throw this.signInRefused(done.identity)
    return { ...done.answer, retryAfterMs: done.retryAfterMs, mayHaveRunBefore: this.mayHaveRunBefore }
  }

  /** A throttled user waits in the budget, so that another one may be taken meanwhile; everything else waits here. */
  private async pause(done: Attempt, ms: number): Promise<void> {
    this.waitedMs += ms
    if ('answer' in done && done.answer.status === 429) {
      this.heldUntil.set(done.identity, this.settings.clock.monotonicMs() + ms)
    } else if (ms > 0) {
      await (this.settings.wait ?? sleep)(ms, this.request.signal)
    }
  }

  private async attempt(): Promise<Attempt> {
    const permit = await this.permit()
    let report: RequestAnswer = {
      status: null,
      durationMs: 0,
      retryAfterMs: null,
      parallelismHint: null,
      facet: null,
    }
    const startMs = this.settings.clock.monotonicMs()
    try {
      const answer = await this.exchange(permit)
      const afterMs = retryAfterMs(answer.headers['retry-after'], this.settings.clock.now())
      report = {
        status: answer.status,
        durationMs: answer.durationMs,
        retryAfterMs: afterMs,
        ...this.settings.readLimits(answer),
      }
      return { identity: permit.identity, answer, retryAfterMs: afterMs }
    } catch (error) {
      report = { ...report, durationMs: this.settings.clock.monotonicMs() - startMs }
      return { identity: permit.identity, error: toSyncError(error) }
    } finally {
      permit.release(report)
    }
  }

  private async permit(): Promise<RequestPermit> {
    const { lane, mapping, signal } = this.request
    try {
      return await this.settings.budget.acquire({ lane, mapping, signal })
    } catch (error) {
      throw this.finalError(signal.aborted ? notSent(this.stopped()) : toSyncError(error))
    }
  }

  private async exchange({ identity }: RequestPermit): Promise<HttpAnswer> {
    const { request, settings } = this
    const authorization = await this.authorization(identity)
    const waitMs = (this.heldUntil.get(identity) ?? 0) - settings.clock.monotonicMs()
    if (waitMs > 0) await (settings.wait ?? sleep)(waitMs, request.signal)
    if (request.signal.aborted) throw notSent(this.stopped())
    request.assertMaySend()
    countRequest()
    const headers = authorization === null ? request.headers : { ...request.headers, authorization }
    const answer = await settings.exchange.exchange({ ...request, headers })
    if (answer.status === 401 && authorization !== null) settings.signIn.refused(identity, authorization)
    return answer
  }

  private async authorization(identity: string): Promise<string | null> {
    try {
      return await this.settings.signIn.authorization(identity, this.request.signal)
    } catch (error) {
      throw notSent(toSyncError(error))
    }
  }

  private finalError(error: SyncError): SyncError {
    return this.mayHaveRunBefore ? inDoubt(error) : error
  }

  private stopped(): SyncError {
    return stoppedError({ connection: this.settings.connection, origin: this.request.url.origin })
  }

  private signInRefused(identity: string): SyncError {
    const { connection } = this.settings
    const origin = this.request.url.origin
    const message = `Connection ${connection}: ${origin} does not let user ${identity} sign in (status 401)`
    return new SyncError('SIGN_IN_REFUSED', message, {
      data: { connection, origin, identity, mayHaveRun: this.mayHaveRunBefore },
    })
  }
}

function endOf(done: Attempt): AttemptEnd {
  if ('answer' in done) return { status: done.answer.status, retryAfterMs: done.retryAfterMs }
  return { code: done.error.code, mayHaveRun: mayHaveRun(done.error) }
}

function mayHaveTakenEffect(done: Attempt): boolean {
  if ('error' in done) return mayHaveRun(done.error)
  return done.answer.status >= 500
}
