import { setTimeout as delay } from 'node:timers/promises'
import { type EventSourceMessage, EventSourceParserStream } from 'eventsource-parser/stream'
import { type AnswerOf, API } from '../api/contract/endpoint.ts'
import { getRun } from '../api/contract/run-endpoints.ts'
import { CoupletApiError } from './api-error.ts'
import { Patience, StreamEnded } from './patience.ts'
import { type CoupletClientOptions, readProblem, send } from './send.ts'
import { Silence } from './silence.ts'

type RunDetails = AnswerOf<typeof getRun>

interface Following {
  readonly url: URL
  readonly patience: Patience
  readonly signal: AbortSignal | undefined
  /** Names what was seen last: the server sends only what differs from it. */
  lastEventId: string
}

/** How often a run is looked at that no stream tells of. */
const POLL_MS = 1_000

/** Each state of a run until it has ended, from whichever source it comes. */
export async function* followRun(
  options: CoupletClientOptions,
  id: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunDetails, void> {
  let last = ''
  for await (const details of readStates(options, id, signal)) {
    const state = JSON.stringify(details)
    if (state === last) continue
    last = state
    yield details
    if (details.run.finishedAt !== null) return
  }
}

/** A stream that breaks is taken up again where it was. Where the server gives no place for one, the run is asked for meanwhile. */
async function* readStates(
  options: CoupletClientOptions,
  id: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunDetails, never> {
  const url = new URL(`${API}/runs/${id}/events`, options.url)
  const following = { url, patience: new Patience(options.patienceMs, signal), signal, lastEventId: '' }
  for (;;) {
    try {
      yield* readStream(options, following)
      throw new StreamEnded(`The stream of run ${id} has ended before the run`)
    } catch (error) {
      if (!isWithoutPlace(error)) await following.patience.bear(error)
      else {
        yield await send(options, getRun, { id, signal })
        following.patience.renew()
        await delay(POLL_MS, undefined, signal ? { signal } : {})
      }
    }
  }
}

function isWithoutPlace(error: unknown): boolean {
  return error instanceof CoupletApiError && error.status === 429
}

/** Ends when the server ends it, as it does from time to time. */
async function* readStream(
  { key, silenceMs }: CoupletClientOptions,
  following: Following,
): AsyncGenerator<RunDetails, void> {
  const silence = new Silence(silenceMs, following.signal)
  try {
    const answer = await fetch(following.url, {
      headers: {
        authorization: `Bearer ${key}`,
        accept: 'text/event-stream',
        ...(following.lastEventId !== '' && { 'last-event-id': following.lastEventId }),
      },
      signal: silence.signal,
    })
    if (!isStream(answer)) throw await readProblem(answer)
    following.patience.renew()
    for await (const event of eventsOf(answer, silence)) {
      following.lastEventId = event.id ?? ''
      yield JSON.parse(event.data) as RunDetails
    }
  } finally {
    silence.end()
  }
}

function isStream(answer: Response): boolean {
  return answer.ok && (answer.headers.get('content-type') ?? '').startsWith('text/event-stream')
}

async function* eventsOf(answer: Response, silence: Silence): AsyncGenerator<EventSourceMessage, void> {
  const events = answer.body
    ?.pipeThrough(silence.listen())
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
  for await (const event of events ?? []) if (event.event === 'run') yield event
}
