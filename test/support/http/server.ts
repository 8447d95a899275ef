import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Which connection it came over, from 1 on. */
  readonly socket: number
}

export type Reply = (request: SeenRequest, response: ServerResponse) => void | Promise<void>

export interface TestServer {
  readonly url: URL
  readonly requests: readonly SeenRequest[]
  /** What answers from now on. */
  reply: Reply
  close(): Promise<void>
}

/** A local HTTP server that does whatever a test wants; with `tls` by HTTPS. */
export async function startServer(
  reply: Reply,
  tls?: { readonly key: string; readonly cert: string },
): Promise<TestServer> {
  const requests: SeenRequest[] = []
  const sockets = new Map<Socket, number>()
  const listener = (message: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => {
      const seen = {
        method: message.method ?? '',
        url: message.url ?? '',
        headers: message.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        socket: sockets.get(message.socket) ?? 0,
      }
      requests.push(seen)
      void server.reply(seen, response)
    })
  }
  const http = tls ? createTlsServer(tls, listener) : createServer(listener)
  http.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.set(socket, sockets.size + 1)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const server: TestServer = {
    url: new URL(`${tls ? 'https' : 'http'}://127.0.0.1:${port}/`),
    requests,
    reply,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
  return server
}

export function sendJson(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
