import { HttpProblem } from '../kit/http.ts'
import { createSlidingWindow } from '../kit/sliding-window.ts'
import type { SimulatedTime } from '../kit/time.ts'

/** Service protection limits per user (connectors.md A.10), before scaling. Null switches a facet off. */
export interface Limits {
  readonly requests: number | null
  readonly executionMs: number | null
  readonly concurrent: number | null
  readonly windowMs: number
  /** What `x-ms-dop-hint` recommends; null sends none. */
  readonly parallelismHint: number | null
}

export const realLimits: Limits = {
  requests: 6_000,
  executionMs: 1_200_000,
  concurrent: 52,
  windowMs: 300_000,
  parallelismHint: 25,
}

/** A server that takes whatever comes. */
export const noLimits: Limits = {
  ...realLimits,
  requests: null,
  executionMs: null,
  concurrent: null,
  parallelismHint: null,
}

/** A request that is being worked on. */
export interface Admission {
  /** The work is done; gives the headers that tell how the limits stand. */
  end(): Readonly<Record<string, string>>
}

export interface Throttle {
  /** Throws 429 with `Retry-After`; sending on before that has passed makes it longer. */
  admit(user: string): Admission
  reset(): void
}

/** A client cannot have heard of a refusal sooner; in milliseconds of the real system. */
const graceMs = 5_000

export function createThrottle(limits: Limits, time: SimulatedTime): Throttle {
  let users = new Map<string, UserState>()
  return {
    admit(user) {
      const state = users.get(user) ?? createUserState(limits, time)
      users.set(user, state)
      return state.admit()
    },
    reset() {
      users = new Map()
    },
  }
}

interface UserState {
  admit(): Admission
}

function createUserState(limits: Limits, time: SimulatedTime): UserState {
  const windowMs = time.scaled(limits.windowMs)
  const executionLimit = limits.executionMs === null ? null : time.scaled(limits.executionMs)
  const requests = createSlidingWindow({ limit: limits.requests ?? Infinity, windowMs }, time)
  const execution = createSlidingWindow({ limit: executionLimit ?? Infinity, windowMs }, time)
  let concurrent = 0
  let hold: { sinceMs: number; untilMs: number; facet: Facet } | null = null

  const exceeded = (): { facet: Facet; waitMs: number } | null => {
    if (limits.requests !== null && requests.total() >= limits.requests) {
      return { facet: 'requests', waitMs: requests.waitMs() }
    }
    if (executionLimit !== null && execution.total() >= executionLimit) {
      return { facet: 'execution', waitMs: execution.waitMs() }
    }
    const isCrowded = limits.concurrent !== null && concurrent >= limits.concurrent
    return isCrowded ? { facet: 'concurrent', waitMs: time.scaled(graceMs) } : null
  }
  const refuse = (facet: Facet, untilMs: number): never => {
    const seconds = Math.max(1, Math.ceil((untilMs - time.monotonicMs()) / 1_000))
    const [code, message] = facetTexts[facet](limits)
    throw new HttpProblem(429, code, message, { 'retry-after': String(seconds) })
  }
  return {
    admit() {
      const nowMs = time.monotonicMs()
      if (hold && nowMs < hold.untilMs) {
        const knows = nowMs - hold.sinceMs > time.scaled(graceMs)
        if (knows) hold = { ...hold, sinceMs: nowMs, untilMs: hold.untilMs + (hold.untilMs - nowMs) / 2 }
        return refuse(hold.facet, hold.untilMs)
      }
      hold = null
      const found = exceeded()
      if (found?.facet === 'concurrent') return refuse('concurrent', nowMs + found.waitMs)
      if (found) {
        hold = { sinceMs: nowMs, untilMs: nowMs + found.waitMs, facet: found.facet }
        return refuse(found.facet, hold.untilMs)
      }
      if (limits.requests !== null) requests.add(1)
      concurrent += 1
      return {
        end() {
          concurrent -= 1
          const tookMs = time.monotonicMs() - nowMs
          if (executionLimit !== null) execution.add(tookMs)
          return remainingHeaders(limits, requests.total(), (executionLimit ?? 0) - execution.total())
        },
      }
    },
  }
}

type Facet = 'requests' | 'execution' | 'concurrent'

const facetTexts: Record<Facet, (limits: Limits) => readonly [code: string, message: string]> = {
  requests: ({ requests, windowMs }) => [
    '0x80072322',
    `Number of requests exceeded the limit of ${requests} over time window of ${windowMs / 1_000} seconds.`,
  ],
  execution: ({ executionMs, windowMs }) => [
    '0x80072321',
    `Combined execution time of incoming requests exceeded limit of ${executionMs?.toLocaleString('en')} milliseconds over time window of ${windowMs / 1_000} seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.`,
  ],
  concurrent: ({ concurrent }) => [
    '0x80072326',
    `Number of concurrent requests exceeded the limit of ${concurrent}.`,
  ],
}

function remainingHeaders(limits: Limits, used: number, leftMs: number): Record<string, string> {
  const headers: Record<string, string> = {}
  if (limits.parallelismHint !== null) headers['x-ms-dop-hint'] = String(limits.parallelismHint)
  if (limits.requests !== null) {
    headers['x-ms-ratelimit-burst-remaining-xrm-requests'] = String(Math.max(0, limits.requests - used))
  }
  if (limits.executionMs !== null) {
    headers['x-ms-ratelimit-time-remaining-xrm-requests'] = (Math.max(0, leftMs) / 1_000).toFixed(2)
  }
  return headers
}
