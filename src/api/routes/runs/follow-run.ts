import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifySchema } from 'fastify'
import { z } from 'zod'
import { nameOf } from '../../../core/access/principal.ts'
import { hideSensitive, type SensitiveFields } from '../../../core/access/sensitive.ts'
import { type RunState, runIsDone } from '../../../core/sync/run.ts'
import { sleep } from '../../../lib/sleep.ts'
import type { Deps } from '../../../usecases/deps.ts'
import { assertRunInScope } from '../../access.ts'
import { ById } from '../../contract/inputs.ts'
import { Problem } from '../../contract/problem.ts'
import { RunDetails } from '../../contract/run-answers.ts'
import { showDetails } from '../../run-view.ts'
import { sensitiveFor } from '../../sensitive.ts'
import type { Server } from '../../server-type.ts'
import { createPlaces, shareLooks } from './followers.ts'

const LOOK_EVERY_MS = 500
/** So long a look serves all who follow the run: none of them misses more than one of its own. */
const FRESH_MS = 400
/** Of one key or person, in one process. */
const MOST_STREAMS = 50
/** A sign of life for the proxies in between. */
const SILENT_FOR_MS = 15_000
/** Who follows longer comes back and is let in anew: by then a key may have been revoked, or a role changed. */
const MOST_MS = 300_000

const schema = {
  operationId: 'followRun',
  tags: ['runs'],
  summary:
    'Server-sent events `run`: the run as GET shows it, now and each time it has changed, until it has ended',
  params: ById,
  response: {
    200: { description: 'Events', content: { 'text/event-stream': { schema: z.string() } } },
    204: z.null().meta({ description: 'It has ended, and the last event was seen' }),
    default: { description: 'What went wrong', content: { 'application/problem+json': { schema: Problem } } },
  },
}

type Look = (id: number) => ReturnType<typeof showDetails>

interface State {
  /** Names what stands in `data`: who has seen it has missed nothing. */
  readonly name: string
  readonly data: string
  readonly state: RunState
}

/**
 * GET /runs/:id/events. An event is the whole state of the run and its id names that state, so whoever comes back with
 * Last-Event-ID, to whichever process, gets what is new for him and nothing twice.
 */
export function followRun(server: Server, deps: Deps): void {
  const config = { role: 'view', isScoped: true } as const
  const look = shareLooks(async (id) => showDetails(await deps.stores.runs.getRun(id), deps), FRESH_MS)
  const takePlace = createPlaces(MOST_STREAMS)
  server.get('/runs/:id/events', { schema: schema as FastifySchema, config }, async (request, reply) => {
    const { id } = request.params as z.output<typeof ById>
    await assertRunInScope(request.principal, await deps.stores.runs.getRun(id), deps)
    const seen = String(request.headers['last-event-id'] ?? '')
    const sensitive = await sensitiveFor(request.principal, deps)
    const first = await readState(id, sensitive, look)
    if (first.name === seen && runIsDone(first.state)) return reply.code(204).send()
    const leave = takePlace(nameOf(request.principal))
    const gone = new AbortController()
    const end = () => {
      leave()
      gone.abort()
    }
    if (reply.raw.closed) end()
    else reply.raw.once('close', end)
    const signal = AbortSignal.any([gone.signal, server.closing, AbortSignal.timeout(MOST_MS)])
    // Proxies must pass on what comes at once.
    reply.type('text/event-stream').header('x-accel-buffering', 'no')
    return reply.send(Readable.from(tellChanges(id, seen, sensitive, signal, look)))
  })
}

async function* tellChanges(
  id: number,
  seen: string,
  sensitive: SensitiveFields,
  signal: AbortSignal,
  look: Look,
): AsyncGenerator<string> {
  let last = seen
  let silentMs = 0
  while (!signal.aborted) {
    const { name, data, state } = await readState(id, sensitive, look)
    if (name !== last) yield `id: ${name}\nevent: run\ndata: ${data}\n\n`
    else if (silentMs >= SILENT_FOR_MS) yield ': nothing new\n\n'
    silentMs = name !== last || silentMs >= SILENT_FOR_MS ? 0 : silentMs + LOOK_EVERY_MS
    last = name
    if (runIsDone(state)) return
    await sleep(LOOK_EVERY_MS, signal)
  }
}

async function readState(id: number, sensitive: SensitiveFields, look: Look): Promise<State> {
  const details = await look(id)
  const data = JSON.stringify(RunDetails.parse(hideSensitive(details, sensitive)))
  const name = createHash('sha256').update(data).digest('base64url').slice(0, 22)
  return { name, data, state: details.run.state }
}
