import { HttpProblem, jsonAnswer, type SimAnswer, type SimRequest } from '../kit/http.ts'
import { refusal, type Site } from '../kit/server.ts'
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

export interface SiteOptions {
  readonly signIn: SignInOptions
  readonly limits: Limits
  /** A new organization as it is at the start. */
  createOrganization(): Organization
}

/** Dataverse behind its addresses: token endpoint, Web API, batch. */
export function createSite(options: SiteOptions, simulation: Simulation): Site {
  const signIn = createSignIn(options.signIn, simulation.time)
  const throttle = createThrottle(options.limits, simulation.time)
  let organization = options.createOrganization()
  const userOf = (request: SimRequest) => signIn.userOf(request)

  const handle = (request: SimRequest): SimAnswer => {
    if (signIn.isTokenPath(request.path)) return signIn.token(request)
    if (userOf(request) === null) throw problems.signIn()
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
    if (refused) return refused
    if (part.path.endsWith('/$batch')) return problem(problems.query('A batch must not contain a batch.'))
    try {
      return answerRequest(callerOf(part, organization, ids.integrationUser, changeSet), part)
    } catch (error) {
      if (error instanceof HttpProblem) return problem(error)
      throw error
    }
  }

  return {
    userOf,
    problem,
    handle: async (request) => handle(request),
    revokeTokens: () => signIn.revokeAll(),
    async admit(request) {
      const user = userOf(request)
      return user === null ? { end: () => ({}) } : throttle.admit(user)
    },
    admin: createAdmin({
      organization: () => organization,
      reset() {
        organization = options.createOrganization()
        throttle.reset()
      },
    }),
  }
}

function problem({ status, code, message, headers }: HttpProblem): SimAnswer {
  return jsonAnswer(status, { error: { code, message } }, { ...odataHeaders, ...headers })
}
