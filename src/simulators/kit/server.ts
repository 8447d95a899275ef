import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AdminSite, answerAdmin, isAdminPath } from './admin.ts'
import { type Fault, faultOfHeader } from './faults.ts'
import { HttpProblem, type SimAnswer, type SimRequest } from './http.ts'
import { cut, send, sendBroken } from './send.ts'
import type { Simulation } from './simulation.ts'

/** What a simulated product is to the server that carries it. */
export interface Site {
  /** The user of a request, for the recorder, the faults and the limits; null when nobody is signed in. */
  userOf(request: SimRequest): string | null
  /** Limits and time of service are the site's own. Throws `HttpProblem` for what is refused. */
  handle(request: SimRequest): Promise<SimAnswer>
  /** The product's own error body. */
  problem(problem: HttpProblem): SimAnswer
  revokeTokens(): void
  readonly admin: AdminSite
}

export interface RunningServer {
  /** Without a slash at the end. */
  readonly url: string
  /** Cuts what is open. */
  close(): Promise<void>
}

export interface ServeOptions {
  readonly port: number
  readonly host: string
  /** Larger bodies are refused with 413. */
  readonly largestBodyBytes: number
}

/** Serves a site until it is closed. Port 0 takes a free one. */
export async function serve(
  site: Site,
  simulation: Simulation,
  options: ServeOptions,
): Promise<RunningServer> {
  const settings = { keepAliveTimeout: 120_000, requestTimeout: 0, maxHeaderSize: 256 * 1_024 }
  const server = createServer(settings, (incoming, response) => {
    void exchange(incoming, response, site, simulation, options).catch(() => cut(response))
  })
  await listen(server, options)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, { port, host }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

async function exchange(
  incoming: IncomingMessage,
  response: ServerResponse,
  site: Site,
  simulation: Simulation,
  options: ServeOptions,
): Promise<void> {
  const request = await readRequest(incoming, options.largestBodyBytes)
  if (isAdminPath(request.path)) return send(response, await answerAdmin(request, site.admin, simulation))
  const user = site.userOf(request)
  const fault = faultOfHeader(request) ?? simulation.faults.take(request, { user, part: false })
  const record = simulation.recorder.begin({
    user,
    method: request.method,
    url: incoming.url ?? '',
    requestBytes: request.body.length,
    fault: fault?.kind ?? null,
  })
  let status: number | null = null
  try {
    status = await answerRequest(request, response, fault, site, simulation)
  } finally {
    simulation.recorder.end(record, status)
  }
}

/** With the simulated time as the time of the answer, in whole seconds. */
function dated(answer: SimAnswer, nowMs: number): SimAnswer {
  return { ...answer, headers: { date: new Date(nowMs).toUTCString(), ...answer.headers } }
}

/** Answers one request with the fault that hits it; returns the status the client can have seen, or null. */
async function answerRequest(
  request: SimRequest,
  response: ServerResponse,
  fault: Fault | null,
  site: Site,
  simulation: Simulation,
): Promise<number | null> {
  const { time } = simulation
  if (fault?.kind === 'late') simulation.faults.hold(() => answerOf(request, site))
  if (fault?.kind === 'late' || (fault?.kind === 'reset' && fault.when === 'before')) {
    cut(response)
    return null
  }
  const refused = fault ? refusal(fault, site) : null
  if (fault?.kind === 'latency') await time.sleep(fault.ms)
  if (fault?.kind === 'expire-tokens') site.revokeTokens()
  if (fault?.kind === 'edit') for (const edit of fault.edits) site.admin.edit(edit)
  const own = refused !== null && isEarly(fault) ? refused : await answerOf(request, site)
  const answer = dated(refused ?? own, time.nowMs())
  if (fault?.kind === 'slow-first-byte') await time.sleep(fault.ms)
  switch (fault?.kind) {
    case 'truncated':
    case 'reset':
    case 'stall':
    case 'close-idle':
      return sendBroken(response, answer, fault)
    default:
      await send(response, answer)
      return answer.status
  }
}

/** The site's answer; a refusal as the product words it, and a fault of the simulator itself as a status 500. */
export async function answerOf(
  request: SimRequest,
  site: Pick<Site, 'handle' | 'problem'>,
): Promise<SimAnswer> {
  try {
    if (request.isTooLarge) throw new HttpProblem(413, '', 'The request body is too large.')
    return await site.handle(request)
  } catch (error) {
    if (error instanceof HttpProblem) return site.problem(error)
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return site.problem(new HttpProblem(500, 'SimulatorFault', text))
  }
}

/** The fault keeps the request from being carried out, and does not only answer otherwise. */
export function isEarly(fault: Fault | null): boolean {
  return fault?.kind !== 'status' || fault.before
}

/** The answer that a fault gives in place of the site; null for faults that change only how or when it is sent. */
export function refusal(fault: Fault, site: Pick<Site, 'problem'>): SimAnswer | null {
  if (fault.kind === 'status') {
    const headers: Record<string, string> =
      fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
    const message = fault.message ?? `The server answers with ${fault.status}, as it was told to.`
    return site.problem(new HttpProblem(fault.status, fault.code ?? '', message, headers))
  }
  if (fault.kind === 'html') {
    const body = `<html><head><title>Error</title></head><body><h1>${fault.status}</h1></body></html>`
    return { status: fault.status, headers: { 'content-type': 'text/html; charset=utf-8' }, body }
  }
  if (fault.kind === 'empty') return { status: fault.status, headers: {}, body: '' }
  return null
}

async function readRequest(incoming: IncomingMessage, largestBytes: number): Promise<SimRequest> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // The rest is read and thrown away, so that the client can read the refusal.
    if (bytes <= largestBytes) chunks.push(chunk)
  }
  const [path = '', ...query] = (incoming.url ?? '').split('?')
  return {
    method: incoming.method ?? '',
    path,
    query: query.join('?'),
    headers: incoming.headers,
    body: Buffer.concat(chunks),
    isTooLarge: bytes > largestBytes,
    origin: `http://${incoming.headers.host ?? ''}`,
  }
}
