import { HttpProblem, type SimAnswer, type SimRequest } from '../../kit/http.ts'
import { refusal, type Site } from '../../kit/server.ts'
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
}

export const onlineLimits: ServiceLimits = {
  processed: 5,
  queued: 95,
  longestWaitMs: 8 * 60_000,
  requests: 6_000,
  windowMs: 300_000,
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

function createWork(
  books: Books,
  webhooks: Webhooks,
  simulation: Simulation,
  { serviceTime, closing }: SiteOptions,
) {
  return async (request: SimRequest, user: string): Promise<SimAnswer> => {
    const answer = await answerTo(request, user, books, webhooks, simulation)
    const ms = serviceTime.requestMs + serviceTime.rowMs * (answer.rows ?? 0)
    if (ms > 0) await simulation.time.sleep(ms, closing)
    return answer
  }
}

async function answerTo(
  request: SimRequest,
  user: string,
  books: Books,
  webhooks: Webhooks,
  { faults }: Simulation,
): Promise<SimAnswer> {
  const route = routeOf(request.path)
  if (route.segments[0]?.name === '$batch') {
    if (request.method !== 'POST') throw refusals.methodNotAllowed(request.method, '$batch')
    return performBatch(request, {
      run: (operation) => performPart(operation, user, books, faults),
      atomically: (work) =>
        books.companies.reduce<() => ReturnType<typeof work>>(
          (inner, company) => () => company.atomically(inner),
          work,
        )(),
    })
  }
  const subscription = subscriptionKey(route)
  if (subscription !== null) return onSubscription(operationOf(request), subscription, webhooks, books)
  return perform(operationOf(request), books)
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
  if (refused !== null) return refused
  try {
    return perform(operation, books)
  } catch (error) {
    if (error instanceof HttpProblem) return problemAnswer(error)
    throw error
  }
}
