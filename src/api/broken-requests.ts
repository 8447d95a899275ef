import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { SyncError } from '../core/errors.ts'
import { problemOf, sendProblem } from './problem.ts'
import type { Server } from './server-type.ts'

/** What is no request of HTTP, or does not come to its end, never gets to a route: it is answered here, and the connection ends. */
export function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const { status, message, code } = refusalOf(error.code)
  const problem = problemOf(new SyncError(code, message), { status, request: randomUUID() })
  const body = JSON.stringify(problem)
  if (socket.writable)
    socket.write(
      [
        `HTTP/1.1 ${status} ${problem.title}`,
        'Content-Type: application/problem+json',
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    )
  socket.destroySoon()
}

function refusalOf(code: string | undefined) {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: 408,
        code: 'REQUEST_INVALID',
        message: 'The request did not come to its end in time',
      } as const
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        code: 'REQUEST_TOO_LARGE',
        message: 'The address and the headers are too large',
      } as const
    default:
      return { status: 400, code: 'REQUEST_INVALID', message: 'This is no request of HTTP/1.1' } as const
  }
}

/** Node keeps the first of these and drops the others, a proxy before it perhaps not: then the two would not mean the same request. */
const single = ['authorization', 'content-type']

/** Refuses a request that says twice what can be said once. */
export function refuseDoubleHeaders(server: Server): void {
  server.addHook('onRequest', async (request, reply) => {
    const names = request.raw.rawHeaders.flatMap((text, at) => (at % 2 === 0 ? [text.toLowerCase()] : []))
    const twice = single.find((name) => names.indexOf(name) !== names.lastIndexOf(name))
    if (twice === undefined) return undefined
    return sendProblem(reply, new SyncError('REQUEST_INVALID', `The header ${twice} is sent twice`))
  })
}
