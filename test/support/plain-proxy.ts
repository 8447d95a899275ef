import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

/** A proxy as it stands before a server: it answers 502 while the server does not answer. */
export interface PlainProxy {
  readonly url: string
  /** How often it has answered 502. */
  readonly refused: () => number
  /** How many requests it has been sent. */
  readonly asked: () => number
  /** Takes the bytes of answers from here on and passes none on, as a network that has lost the other end. */
  mute(): void
  unmute(): void
  close(): Promise<void>
}

export async function startPlainProxy(target: () => string): Promise<PlainProxy> {
  let refused = 0
  let asked = 0
  let isMute = false
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    asked += 1
    const { method, headers } = incoming
    const onward = request(new URL(incoming.url ?? '/', target()), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.on('data', (bytes) => isMute || outgoing.write(bytes))
      answer.on('end', () => isMute || outgoing.end())
      answer.on('error', () => outgoing.destroy())
    })
    onward.on('error', () => {
      if (outgoing.headersSent) return void outgoing.destroy()
      refused += 1
      outgoing.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502 Bad Gateway</h1>')
    })
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  }
  const server = createServer(pass)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    refused: () => refused,
    asked: () => asked,
    mute: () => {
      isMute = true
    },
    unmute: () => {
      isMute = false
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
