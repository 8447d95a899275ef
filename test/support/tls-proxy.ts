import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { TestCertificate } from './http/certificate.ts'

/** A server that speaks TLS before one that does not: what a database with a certificate looks like from outside. */
export interface TlsProxy {
  readonly port: number
  close(): Promise<void>
}

/** `postgres`: a client first asks whether TLS is spoken, and is told yes. `redis`: TLS from the first byte. */
export async function startTlsProxy(
  target: string,
  kind: 'postgres' | 'redis',
  { key, cert }: TestCertificate,
): Promise<TlsProxy> {
  const sockets = new Set<Socket>()
  const server = createServer(async (plain) => {
    sockets.add(plain)
    plain.on('error', () => {}).on('close', () => sockets.delete(plain))
    if (kind === 'postgres') {
      await once(plain, 'readable')
      plain.read(8)
      plain.write('S')
    }
    const inner = new TLSSocket(plain, { isServer: true, key, cert })
    const { port, hostname } = new URL(target)
    const outer = connect(Number(port), hostname)
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      socket.on('error', () => {}).on('close', () => other.destroy())
      socket.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
