import { connect, createServer, type Socket } from 'node:net'
import { freePort, waitFor } from './servers.ts'

/** Stands between a worker and the database and can keep one COMMIT on its way, even when the worker is gone. */
export interface CommitProxy {
  /** The address of the database through the proxy. */
  readonly url: string
  /** From now on: the first COMMIT of a transaction that has sent a statement with this text is kept. */
  holdAfter(text: string): void
  /** Waits until a COMMIT is kept. */
  held(): Promise<void>
  /** Lets it go on to the server. */
  release(): void
  close(): Promise<void>
}

export async function openCommitProxy(target: string): Promise<CommitProxy> {
  const url = new URL(target)
  const state: { text: string | null; held: (() => void) | null } = { text: null, held: null }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(url.port), url.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    upstream.on('data', (chunk) => client.write(chunk))
    upstream.on('close', () => client.destroy())
    forward(client, upstream, state)
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const through = new URL(target)
  through.host = `127.0.0.1:${port}`
  return {
    url: through.href,
    holdAfter(text) {
      state.text = text
    },
    held: async () => void (await waitFor('a COMMIT on its way', () => state.held !== null, 60_000)),
    release() {
      state.held?.()
      state.held = null
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The connectors write it large, the store small. */
const isCommit = (sent: string) => sent.includes('COMMIT') || sent.endsWith('commit\0')

/** What the client sends goes on as it is, until a COMMIT is kept; then the connection outlives its client. */
function forward(
  client: Socket,
  upstream: Socket,
  state: { text: string | null; held: (() => void) | null },
): void {
  let isMarked = false
  let kept: Buffer[] | null = null
  let isGone = false
  client.on('data', (chunk) => {
    if (kept !== null) return void kept.push(chunk)
    const sent = chunk.toString('latin1')
    if (sent.includes('BEGIN ISOLATION')) isMarked = false
    if (state.text !== null && sent.includes(state.text)) isMarked = true
    if (!isMarked || !isCommit(sent)) return void upstream.write(chunk)
    kept = [chunk]
    state.text = null
    state.held = () => {
      for (const each of kept ?? []) upstream.write(each)
      kept = null
      if (isGone) upstream.end()
    }
  })
  client.on('close', () => {
    isGone = true
    if (kept === null) upstream.destroy()
  })
}
