import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes
  readonly body: any
}

/** Somebody else's program that is told of events over real HTTP; `answer` says how it behaves, at first it takes everything. */
export interface Receiver {
  readonly url: string
  readonly received: Received[]
  answer: (request: Received, response: ServerResponse) => void
  /** Of one path, in the order in which they came. */
  at(path: string): readonly Received[]
  close(): Promise<void>
}

export const take = (_request: Received, response: ServerResponse) => void response.writeHead(204).end()
export const answerWith =
  (status: number, headers: Record<string, string> = {}) =>
  (_request: Received, response: ServerResponse) =>
    void response.writeHead(status, headers).end('no')

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const receiver = { url: '', received, answer: take as Receiver['answer'] }
  const server = createServer(async (request, response) => {
    const sent = await text(request)
    const { url: path = '', headers } = request
    const seen = { path, headers, text: sent, body: JSON.parse(sent) }
    received.push(seen)
    receiver.answer(seen, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(receiver, {
    at: (path: string) => received.filter((each) => each.path === path),
    async close() {
      server.close()
      server.closeAllConnections()
    },
  })
}

/** Whether the message is signed with this secret, as the library of Standard Webhooks judges it. */
export function isSignedWith(secret: string, { headers, text: body }: Received): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>)
    return true
  } catch {
    return false
  }
}
