import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { SyncError } from '../core/errors.ts'
import { withoutCredentials } from '../lib/credentials.ts'
import type { FieldProblem, Problem } from './contract/problem.ts'
import { statusOf } from './status.ts'

const DETAIL_CHARACTERS = 10_000

interface More {
  /** Where the status of the code does not fit. */
  readonly status?: number
  readonly problems?: readonly FieldProblem[] | undefined
}

/** Answers with an error. */
export function sendProblem(reply: FastifyReply, error: SyncError, more: More = {}): FastifyReply {
  const document = problemOf(error, { ...more, request: reply.request.id })
  if (error.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterMs / 1_000))
  if (error.code === 'API_KEY_INVALID')
    reply.header('www-authenticate', 'Basic realm="Couplet: the API key is the password"')
  return reply.code(document.status).type('application/problem+json').send(JSON.stringify(document))
}

/** An error as a document. A bug is only named: what went wrong stands in the log, under the id of the request. */
export function problemOf(
  error: SyncError,
  { status = statusOf(error), problems, request }: More & { readonly request: string },
): Problem {
  return {
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: error.code,
    kind: error.kind,
    detail: error.code === 'INTERNAL' ? 'An unexpected error' : detailOf(error.message),
    remedy: error.remedy,
    request,
    ...(problems ? { problems: [...problems] } : {}),
  }
}

function detailOf(message: string): string {
  const plain = withoutCredentials(message)
  return plain.length > DETAIL_CHARACTERS ? `${plain.slice(0, DETAIL_CHARACTERS)}…` : plain
}
