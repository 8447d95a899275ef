import { connect, createServer, type Socket } from 'node:net'
import { freePort } from '../support/servers.ts'

/** A fixed address before a server that comes back on other ports, whose connections can be cut and kept out. */
export interface Gate {
  readonly port: number
  /** From now on connections lead to this port of the machine. */
  leadTo(port: number): void
  /** Ends all connections at once. */
  cut(): void
  /** Closed: every connection is cut, and new ones are at once. */
  setOpen(isOpen: boolean): void
  close(): Promise<void>
}

export async function openGate(): Promise<Gate> {
  const sockets = new Set<Socket>()
  const state = { target: 0, isOpen: true }
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((client) => {
    if (!state.isOpen || state.target === 0) return void client.destroy()
    const upstream = connect(state.target, '127.0.0.1')
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port,
    cut,
    leadTo: (target) => void Object.assign(state, { target }),
    setOpen(isOpen) {
      state.isOpen = isOpen
      if (!isOpen) cut()
    },
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
