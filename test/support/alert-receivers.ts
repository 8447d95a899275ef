import { createServer } from 'node:http'
import { json, text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

/** A mail server that takes everything and keeps it. */
export async function startMailServer() {
  const mails: { readonly to: readonly string[]; readonly content: string }[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      text(stream).then((content) => {
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), content })
        done()
      }, done)
    },
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `smtp://127.0.0.1:${portOf(server.server)}`,
    mails,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  }
}

/** An address that messages are posted to; answers with `status`, which may be changed. */
export async function startHook() {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of two shapes
  const posts: { readonly path: string; readonly body: any }[] = []
  const hook = { posts, status: 200, url: '', close: async () => {} }
  const server = createServer(async (request, response) => {
    const body: unknown = await json(request)
    if (hook.status === 200) posts.push({ path: request.url ?? '', body })
    response.writeHead(hook.status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  hook.url = `http://127.0.0.1:${portOf(server)}`
  hook.close = async () => {
    server.close()
    server.closeAllConnections()
  }
  return hook
}

function portOf(server: { address(): unknown }): number {
  const address = server.address()
  if (typeof address === 'object' && address !== null && 'port' in address) return Number(address.port)
  throw new Error('No port')
}
