import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { SyncError, toSyncError } from '../core/errors.ts'
import type { Log } from '../core/ports/runtime.ts'
import { sendProblem } from './problem.ts'
import { RequestRefusedError } from './refusal.ts'
import { describeIssues } from './request-problems.ts'

/** A body can be wrong in as many places as it has characters. */
const LISTED_PROBLEMS = 50

export type AnswerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply

/** Turns everything a route throws into an answer. Only what nobody expected is logged with its stack. */
export function createAnswerError(log: Log, bodyLimit: number): AnswerError {
  return (error, request, reply) => {
    if (isRefusal(error)) return answerRefusal(error, request, reply, bodyLimit)
    if (error instanceof RequestRefusedError) return sendProblem(reply, error, error)
    const failure = toSyncError(error)
    const facts = {
      err: failure,
      request: request.id,
      method: request.method,
      route: request.routeOptions.url,
    }
    if (failure.code === 'INTERNAL') log.error(facts, 'A request ended with an unexpected error')
    else if (failure.kind === 'transient') log.warn(facts, 'A request could not be answered')
    return sendProblem(reply, failure)
  }
}

/** What Fastify itself refuses before a route is called: a schema, a size, a type, broken JSON. */
function isRefusal(error: unknown): error is FastifyError & { statusCode: number } {
  if (!(error instanceof Error) || error instanceof SyncError) return false
  const status = 'statusCode' in error ? error.statusCode : undefined
  return typeof status === 'number' && status >= 400 && status < 500
}

function answerRefusal(
  error: FastifyError & { statusCode: number },
  request: FastifyRequest,
  reply: FastifyReply,
  bodyLimit: number,
): FastifyReply {
  if (error.statusCode === 413) {
    const message = `The body is larger than ${bodyLimit} bytes`
    return sendProblem(reply, new SyncError('REQUEST_TOO_LARGE', message))
  }
  if (error.statusCode === 415) {
    const sent = request.headers['content-type'] ?? 'none'
    const message = `Content-Type: ${sent} is not accepted; the body has to be application/json`
    return sendProblem(reply, new SyncError('REQUEST_INVALID', message), { status: 415 })
  }
  if (!error.validation || !error.validationContext) {
    return sendProblem(reply, new SyncError('REQUEST_INVALID', error.message), { status: error.statusCode })
  }
  const part = parts[error.validationContext as keyof typeof parts]
  const all = describeIssues(error.validation, part.of(request))
  const problems = all.slice(0, LISTED_PROBLEMS)
  const listed = problems.map(({ field, reason }) => `${field}: ${reason}`)
  const more = all.length > problems.length ? [`and ${all.length - problems.length} more`] : []
  const message = `The ${part.name} is not accepted: ${[...listed, ...more].join('; ')}`
  return sendProblem(reply, new SyncError('REQUEST_INVALID', message), { problems })
}

const parts = {
  body: { name: 'body', of: (request: FastifyRequest) => request.body },
  querystring: { name: 'query', of: (request: FastifyRequest) => request.query },
  params: { name: 'address', of: (request: FastifyRequest) => request.params },
  headers: { name: 'header', of: (request: FastifyRequest) => request.headers },
} as const
