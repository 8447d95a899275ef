import type { ServerResponse } from 'node:http'
import type { Fault } from './faults.ts'
import type { SimAnswer } from './http.ts'

/** Sends an answer as it is; resolves when the last byte has been handed to the connection or the client has gone. */
export function send(response: ServerResponse, answer: SimAnswer): Promise<void> {
  const body = Buffer.isBuffer(answer.body) ? answer.body : Buffer.from(answer.body)
  const withBody = answer.status !== 204 && answer.status !== 304
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(withBody ? { 'content-length': String(body.length) } : {}),
  })
  return new Promise((resolve) => {
    response.once('close', resolve)
    response.end(withBody ? body : undefined)
  })
}

type SendFault = Extract<Fault, { kind: 'truncated' | 'reset' | 'stall' | 'close-idle' }>

/** Sends an answer the way a broken network or server does; returns the status the client can have seen, or null. */
export async function sendBroken(
  response: ServerResponse,
  answer: SimAnswer,
  fault: SendFault,
): Promise<number | null> {
  const body = Buffer.isBuffer(answer.body) ? answer.body : Buffer.from(answer.body)
  const half = body.subarray(0, Math.floor(body.length / 2))
  if (fault.kind === 'truncated') {
    await send(response, { ...answer, body: half })
    return answer.status
  }
  if (fault.kind === 'close-idle') {
    const { socket } = response
    await send(response, answer)
    socket?.destroy()
    return answer.status
  }
  if (fault.kind === 'reset' && fault.when !== 'middle') {
    cut(response)
    return null
  }
  const chunked = fault.kind === 'reset' && fault.chunked
  // One byte more than there is, so that a body of one byte is incomplete, too.
  const length = chunked ? {} : { 'content-length': String(body.length + 1) }
  response.writeHead(answer.status, { ...answer.headers, ...length })
  await new Promise<void>((resolve) => {
    response.once('close', resolve)
    response.write(half.length === 0 ? ' ' : half, () => {
      if (fault.kind === 'reset') cut(response)
    })
  })
  return null
}

/** Ends the connection with a reset, as a crashed server or a firewall does. */
export function cut(response: ServerResponse): void {
  const { socket } = response
  if (socket && 'resetAndDestroy' in socket) socket.resetAndDestroy()
  else response.destroy()
}
