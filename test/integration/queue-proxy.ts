import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy before a queue server: the network between a process and its queue, which a test can cut. */
export interface Network {
  readonly url: string
  /** Cuts all connections and refuses new ones until `mend`. */
  cut(): Promise<void>
  mend(): Promise<void>
  /** Lets nothing through, with all connections open, as a frozen server does; over with the next `cut`. */
  freeze(): void
  connections(): number
  close(): Promise<void>
}

export async function startProxy(target: string): Promise<Network> {
  const to = new URL(target)
  const sockets = new Set<Socket>()
  let isFrozen = false
  const server = createServer((inner) => {
    const outer = connect(Number(to.port), to.hostname)
    if (!isFrozen) inner.pipe(outer)
    outer.pipe(inner)
    sockets.add(inner)
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      socket.on('error', () => {})
      socket.on('close', () => {
        other.destroy()
        sockets.delete(inner)
      })
    }
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port')
  const url = new URL(target)
  url.port = `${address.port}`
  const cut = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    isFrozen = false
    await closed
  }
  return {
    url: url.href,
    cut,
    mend: () => listen(address.port),
    freeze: () => {
      isFrozen = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    connections: () => sockets.size,
    close: async () => {
      if (server.listening) await cut()
    },
  }
}
