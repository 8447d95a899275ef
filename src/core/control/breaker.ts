import { z } from 'zod'
import { type BackoffPolicy, backoffMs } from '../../lib/backoff.ts'
import { type ErrorCode, type ErrorKind, errorCodes } from '../errors.ts'

/** Pauses between two trials of a connection that does not answer. */
const trialPauses: BackoffPolicy = { firstMs: 5_000, maxMs: 300_000 }
/** Whoever tries may die: after so long somebody else may. */
const TRIAL_MS = 120_000

/**
 * Failures that concern the whole connection: whatever is tried next over it would fail the same way. Time-outs of single
 * answers and throttled requests are not among them: those have their own pace.
 */
const outageCodes = [
  'HOST_UNKNOWN',
  'CONNECTION_REFUSED',
  'CONNECTION_SIGN_IN_FAILED',
  'CONNECTION_NOT_FOUND',
  'CONNECT_TIMEOUT',
  'TLS_FAILED',
  'SIGN_IN_REFUSED',
  'COMPANY_NOT_FOUND',
  'SERVICE_FAILED',
] as const satisfies readonly ErrorCode[]

function isOutage(code: ErrorCode): code is (typeof outageCodes)[number] {
  return outageCodes.some((each) => each === code)
}

const Failure = z.strictObject({
  code: z.enum(outageCodes),
  message: z.string(),
  /** How it is to be treated, by the error itself. */
  kind: z.enum(['transient', 'config']),
})
export type OutageFailure = z.infer<typeof Failure>

/**
 * The circuit breaker of a connection, shared by all workers. Times by the database's clock, ms. `closed`: all is well.
 * `open`: nobody tries before `retryAt`. `half-open`: one is trying, the others wait for what comes of it.
 */
export const BreakerState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('closed') }),
  z.strictObject({
    state: z.literal('open'),
    /** When the outage began, or rather was noticed. */
    since: z.number(),
    retryAt: z.number(),
    /** Trials that failed, the first failure included. */
    failures: z.number(),
    last: Failure,
  }),
  z.strictObject({
    state: z.literal('half-open'),
    since: z.number(),
    /** Who tries, and until when nobody else does. */
    trialBy: z.string(),
    trialUntil: z.number(),
    failures: z.number(),
    last: Failure,
  }),
])
export type BreakerState = z.infer<typeof BreakerState>

export type BreakerEvent =
  /** Somebody wants to use the connection. `insists`: a person waits for it, so it is tried whatever is known. */
  | { readonly event: 'ask'; readonly by: string; readonly insists: boolean }
  | { readonly event: 'succeeded' }
  | { readonly event: 'failed'; readonly failure: OutageFailure; readonly random: number }
  /** Whoever tries has been cut off before anything came of it: somebody else may try at once. */
  | { readonly event: 'withdrawn'; readonly by: string }

/**
 * `go`: with `isTrial`, try whether the connection answers before anything else, and tell. `no`: the failure is known, and is
 * looked at again after `inMs`.
 */
export type BreakerAnswer =
  | { readonly answer: 'go'; readonly isTrial: boolean }
  | {
      readonly answer: 'no'
      readonly inMs: number
      readonly since: number
      readonly last: OutageFailure
      /** Somebody is trying at this moment: what was known may be over. */
      readonly isTried: boolean
    }

const go: BreakerAnswer = { answer: 'go', isTrial: false }
const closed: BreakerState = { state: 'closed' }

/**
 * What becomes of the breaker, and what is answered (architecture.md §5.4): one failure opens it, each trial that fails
 * doubles the pause, one success closes it. Of all who ask after the pause one goes, and tries for the others. `now`: ms.
 */
export function step(
  before: BreakerState,
  event: BreakerEvent,
  now: number,
): { readonly state: BreakerState; readonly answer: BreakerAnswer } {
  switch (event.event) {
    case 'succeeded':
      return { state: closed, answer: go }
    case 'failed':
      return { state: opened(before, event, now), answer: go }
    case 'withdrawn':
      return { state: withdrawn(before, event.by, now), answer: go }
    case 'ask':
      return ask(before, event, now)
  }
}

function opened(
  before: BreakerState,
  { failure, random }: Extract<BreakerEvent, { event: 'failed' }>,
  now: number,
): BreakerState {
  // What was under way when it opened fails with it: that is the same failure, and no trial.
  if (before.state === 'open' && now < before.retryAt) return { ...before, last: failure }
  const failures = before.state === 'closed' ? 1 : before.failures + 1
  const since = before.state === 'closed' ? now : before.since
  return {
    state: 'open',
    since,
    failures,
    last: failure,
    retryAt: now + backoffMs(failures, trialPauses, random),
  }
}

function withdrawn(before: BreakerState, by: string, now: number): BreakerState {
  if (before.state !== 'half-open' || before.trialBy !== by) return before
  const { since, failures, last } = before
  return { state: 'open', since, failures, last, retryAt: now }
}

function ask(
  before: BreakerState,
  { by, insists }: Extract<BreakerEvent, { event: 'ask' }>,
  now: number,
): { readonly state: BreakerState; readonly answer: BreakerAnswer } {
  if (before.state === 'closed') return { state: before, answer: go }
  const { since, failures, last } = before
  const freeAt = before.state === 'open' ? before.retryAt : before.trialUntil
  if (!insists && now < freeAt)
    return {
      state: before,
      answer: { answer: 'no', inMs: freeAt - now, since, last, isTried: before.state === 'half-open' },
    }
  const trial: BreakerState = {
    state: 'half-open',
    since,
    failures,
    last,
    trialBy: by,
    trialUntil: now + TRIAL_MS,
  }
  return { state: trial, answer: { answer: 'go', isTrial: true } }
}

/** A failure as the breaker keeps it; null: it does not concern the whole connection. */
export function outageOf(error: { code: ErrorCode; kind: ErrorKind; message: string }): OutageFailure | null {
  const { code, message } = error
  if (!isOutage(code)) return null
  return { code, message, kind: error.kind === 'config' ? 'config' : 'transient' }
}

/** `No answer since …: … Tried again at …`. */
export function breakerInWords(state: BreakerState): string {
  if (state.state === 'closed') return 'reachable'
  const time = (ms: number) => new Date(ms).toISOString()
  const { since, last, failures } = state
  const next =
    state.state === 'open' ? `tried again from ${time(state.retryAt)} on` : `${state.trialBy} is trying now`
  const tries = failures === 1 ? '1 failure' : `${failures} failures`
  return `out of reach since ${time(since)}, ${tries}; ${next}: ${last.message} (${last.code}). ${errorCodes[last.code][1]}`
}
