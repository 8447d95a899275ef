import { randomUUID } from 'node:crypto'
import type { HttpProblem, SimAnswer } from '../../kit/http.ts'
import { errorBody } from '../errors.ts'
import { odataAnswer } from './answers.ts'

/** Codes for refusals that the kit words, or that a fault does not name. */
const codes: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Authentication_InvalidCredentials',
  403: 'Authorization_RequestDenied',
  404: 'BadRequest_NotFound',
  405: 'BadRequest_MethodNotAllowed',
  409: 'Request_EntityChanged',
  429: 'Application_TooManyRequests',
  500: 'Internal_ServerError',
  503: 'Internal_TenantUnavailable',
}

/** A refusal as the service words it (connectors.md B.7). */
export function problemAnswer(problem: HttpProblem): SimAnswer {
  const { status, code, message, headers } = problem
  const own = code === '' || code.startsWith('0x') ? (codes[status] ?? 'Unknown') : code
  return odataAnswer(status, JSON.stringify(errorBody({ code: own, message }, randomUUID())), headers, 0)
}
