import { HttpProblem, jsonAnswer, type SimAnswer, type SimRequest } from '../kit/http.ts'
import { isEarly, refusal, type Site } from '../kit/server.ts'
import { createSignIn, type SignInOptions } from '../kit/sign-in.ts'
import type { Simulation } from '../kit/simulation.ts'
import { createAdmin } from './admin.ts'
import { odataHeaders } from './answers.ts'
import { answerBatch } from './batch.ts'
import { callerOf } from './caller.ts'
import type { Organization } from './organization.ts'
import { problems } from './problems.ts'
import { answerRequest } from './routes.ts'
import { ids } from './seed-masters.ts'
import { createThrottle, type Limits } from './throttle.ts'

/** How long a request is worked on, in milliseconds of the real system. */
export interface ServiceTime {
  readonly requestMs: number
  /** More for each record that it reads, or writes. */
  readonly readMs: number
  readonly writtenMs: number
}

export interface SiteOptions {
  readonly signIn: SignInOptions
  readonly limits: Limits
  readonly serviceTime: ServiceTime
  /** A new organization as it is at the start. */
  createOrganization(): Organization
}

/** Dataverse behind its addresses: token endpoint, Web API, batch. */
export function createSite(options: SiteOptions, simulation: Simulation): Site {
  const signIn = createSignIn(options.signIn, simulation.time)
  const throttle = createThrottle(options.limits, simulation.time)
  let organization = options.createOrganization()
  const userOf = (request: SimRequest) => signIn.userOf(request)

  const handle = async (request: SimRequest): Promise<SimAnswer> => {
    if (signIn.isTokenPath(request.path)) return signIn.token(request)
    const user = userOf(request)
    if (user === null) throw problems.signIn()
    const admission = throttle.admit(user)
    const answer = asAnswer(() => answerWhole(request))
    const ms = simulation.time.scaled(serviceMs(request, answer, options.serviceTime))
    if (ms > 0) await simulation.time.sleep(ms)
    return { ...answer, headers: { ...admission.end(), ...answer.headers } }
  }

  const answerWhole = (request: SimRequest): SimAnswer => {
    assertUrlFits(request, longestUrl)
    if (!/^\/api\/data\/v9\.[0-2](\/|$)/.test(request.path)) throw problems.noSegment(request.path)
    if (!request.path.endsWith('/$batch')) {
      return answerRequest(callerOf(request, organization, ids.integrationUser), request)
    }
    if (request.method !== 'POST') throw problems.noMethod(request.method)
    return answerBatch(request, {
      problem,
      answer: (part, changeSet) => answerPart(part, changeSet ?? undefined),
    })
  }

  /** Parts have faults of their own; whatever goes wrong in one is its answer. */
  const answerPart = (part: SimRequest, changeSet: Parameters<typeof callerOf>[3]): SimAnswer => {
    const fault = simulation.faults.take(part, { user: userOf(part), part: true })
    const refused = fault && refusal(fault, { problem })
    if (refused && isEarly(fault)) return refused
    if (part.path.endsWith('/$batch')) return problem(problems.query('A batch must not contain a batch.'))
    const answer = asAnswer(() => {
      assertUrlFits(part, longestPartUrl)
      return answerRequest(callerOf(part, organization, ids.integrationUser, changeSet), part)
    })
    return refused ?? answer
  }

  return {
    userOf,
    problem,
    handle,
    revokeTokens: () => signIn.revokeAll(),
    admin: createAdmin({
      organization: () => organization,
      reset() {
        organization = options.createOrganization()
        throttle.reset()
      },
    }),
  }
}

function serviceMs(
  { method }: SimRequest,
  { rows = 0 }: SimAnswer,
  { requestMs, readMs, writtenMs }: ServiceTime,
): number {
  return requestMs + rows * (method === 'GET' ? readMs : writtenMs)
}

function problem({ status, code, message, headers }: HttpProblem): SimAnswer {
  return jsonAnswer(status, { error: { code, message } }, { ...odataHeaders, ...headers })
}

/** Bytes (connectors.md A.1). */
const longestUrl = 32 * 1_024
const longestPartUrl = 64 * 1_024

function assertUrlFits({ path, query }: SimRequest, longest: number): void {
  if (path.length + 1 + query.length > longest) throw problems.urlTooLong()
}

/** What is refused is an answer, too; a fault of the simulator itself is answered with status 500. */
function asAnswer(work: () => SimAnswer): SimAnswer {
  try {
    return work()
  } catch (error) {
    if (error instanceof HttpProblem) return problem(error)
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return problem(new HttpProblem(500, 'SimulatorFault', text))
  }
}
