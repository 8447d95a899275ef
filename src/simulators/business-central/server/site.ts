import { HttpProblem, type SimAnswer, type SimRequest } from '../../kit/http.ts'
import { isEarly, refusal, type Site } from '../../kit/server.ts'
import type { SignIn } from '../../kit/sign-in.ts'
import type { Simulation } from '../../kit/simulation.ts'
import { createSlidingWindow, type SlidingWindow } from '../../kit/sliding-window.ts'
import { refusals } from '../errors.ts'
import type { Webhooks } from '../webhooks/subscriptions.ts'
import { createAdmin } from './admin.ts'
import { performBatch } from './batch.ts'
import { type BasicUser, userOf } from './credentials.ts'
import type { Books, Operation } from './located.ts'
import { operationOf, perform } from './operation.ts'
import { problemAnswer } from './problem.ts'
import { createRequestGate, type GateLimits } from './request-gate.ts'
import { routeOf } from './route.ts'
import { onSubscription, subscriptionKey } from './subscriptions.ts'

/** Limits of a user (connectors.md B.8); null for none. Durations are those of the real service. */
export interface ServiceLimits extends GateLimits {
  readonly requests: number
  readonly windowMs: number
  /** A request that would be worked on for longer is ended then, and what it has written taken back. */
  readonly longestRunMs: number
}

export const onlineLimits: ServiceLimits = {
  processed: 5,
  queued: 95,
  longestWaitMs: 8 * 60_000,
  requests: 6_000,
  windowMs: 300_000,
  longestRunMs: 8 * 60_000,
}

export interface SiteOptions {
  readonly signIn: SignIn
  readonly users: readonly BasicUser[]
  readonly limits: ServiceLimits | null
  /** How long a request is worked on, in milliseconds: each one, and each of its records. */
  readonly serviceTime: { readonly requestMs: number; readonly rowMs: number }
  /** Aborted when the server closes: nothing is waited for any longer. */
  readonly closing: AbortSignal
}

/** Business Central as the server of the kit carries it. */
export function createSite(
  books: Books & { reset(): void },
  webhooks: Webhooks,
  simulation: Simulation,
  options: SiteOptions,
): Site {
  const admit = createAdmission(simulation, options.limits)
  const work = createWork(books, webhooks, simulation, options)
  return {
    userOf: (request) => userOf(request, options.signIn, options.users),
    async handle(request) {
      if (options.signIn.isTokenPath(request.path)) return options.signIn.token(request)
      const user = userOf(request, options.signIn, options.users)
      if (user === null) throw refusals.signIn()
      const leave = await admit(user)
      try {
        return await work(request, user)
      } finally {
        leave()
      }
    },
    problem: problemAnswer,
    revokeTokens: () => options.signIn.revokeAll(),
    admin: createAdmin(books, webhooks, () => {
      books.reset()
      webhooks.reset()
    }),
  }
}

/** Counts requests against the limits of their user; what it returns must be called at the end of the request. */
function createAdmission({ time }: Simulation, limits: ServiceLimits | null) {
  if (limits === null) return async () => () => {}
  const gate = createRequestGate(limits, time)
  const windows = new Map<string, SlidingWindow>()
  return async (user: string): Promise<() => void> => {
    const { requests, windowMs } = limits
    const window =
      windows.get(user) ?? createSlidingWindow({ limit: requests, windowMs: time.scaled(windowMs) }, time)
    windows.set(user, window)
    const sent = window.total()
    if (sent >= requests) throw refusals.tooManyRequests(sent + 1, requests)
    window.add(1)
    return gate.enter(user)
  }
}

function createWork(books: Books, webhooks: Webhooks, simulation: Simulation, options: SiteOptions) {
  const { serviceTime, closing, limits } = options
  const { time } = simulation
  const longestMs = limits === null ? Number.POSITIVE_INFINITY : time.scaled(limits.longestRunMs)
  const msOf = ({ rows = 0 }: SimAnswer): number => serviceTime.requestMs + serviceTime.rowMs * rows
  const inTime = (answer: SimAnswer): SimAnswer => {
    if (msOf(answer) > longestMs) throw refusals.ranTooLong()
    return answer
  }
  return async (request: SimRequest, user: string): Promise<SimAnswer> => {
    try {
      const answer = await answerTo(request, user, { books, webhooks, simulation, inTime })
      const ms = msOf(answer)
      if (ms > 0) await time.sleep(ms, closing)
      return answer
    } catch (error) {
      if (error instanceof HttpProblem && error.status === 408) await time.sleep(longestMs, closing)
      throw error
    }
  }
}

interface WorkParts {
  readonly books: Books
  readonly webhooks: Webhooks
  readonly simulation: Simulation
  /** Throws 408 for an answer that takes too long to make. */
  readonly inTime: (answer: SimAnswer) => SimAnswer
}

/** What a single request that runs too long has written is taken back; the parts of a batch are done one by one and stay. */
async function answerTo(request: SimRequest, user: string, parts: WorkParts): Promise<SimAnswer> {
  const { books, webhooks, simulation, inTime } = parts
  const route = routeOf(request.path)
  if (route.segments[0]?.name === '$batch') {
    if (request.method !== 'POST') throw refusals.methodNotAllowed(request.method, '$batch')
    const run = (operation: Operation): SimAnswer => performPart(operation, user, books, simulation.faults)
    return inTime(performBatch(request, { run, atomically: (work) => atomically(books, work) }))
  }
  const subscription = subscriptionKey(route)
  if (subscription !== null) return onSubscription(operationOf(request), subscription, webhooks, books)
  return atomically(books, () => inTime(perform(operationOf(request), books)))
}

/** One transaction over all companies. */
function atomically<T>(books: Books, work: () => T): T {
  return books.companies.reduce<() => T>((inner, company) => () => company.atomically(inner), work)()
}

/** One request of a batch, with the fault that hits it. */
function performPart(
  operation: Operation,
  user: string,
  books: Books,
  faults: Simulation['faults'],
): SimAnswer {
  const fault = faults.take(operation, { user, part: true })
  const refused = fault === null ? null : refusal(fault, { problem: problemAnswer })
  if (refused !== null && isEarly(fault)) return refused
  try {
    const answer = perform(operation, books)
    return refused ?? answer
  } catch (error) {
    if (error instanceof HttpProblem) return problemAnswer(error)
    throw error
  }
}
