import { type EventSourceMessage, EventSourceParserStream } from 'eventsource-parser/stream'
import { type AnswerOf, API } from '../api/contract/endpoint.ts'
import type { getRun } from '../api/contract/run-endpoints.ts'
import { Patience, StreamEnded } from './patience.ts'
import { type CoupletClientOptions, readProblem } from './send.ts'
import { Silence } from './silence.ts'

type RunDetails = AnswerOf<typeof getRun>

interface Following {
  readonly url: URL
  readonly patience: Patience
  readonly signal: AbortSignal | undefined
  /** Names what was seen last: the server sends only what differs from it. */
  lastEventId: string
}

/** Each state of a run until it has ended. A stream that breaks is taken up again where it was. */
export async function* followRun(
  options: CoupletClientOptions,
  id: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunDetails, void> {
  const url = new URL(`${API}/runs/${id}/events`, options.url)
  const following = { url, patience: new Patience(options.patienceMs, signal), signal, lastEventId: '' }
  for (;;) {
    try {
      for await (const details of readStream(options, following)) {
        yield details
        if (details.run.finishedAt !== null) return
      }
      throw new StreamEnded(`The stream of run ${id} has ended before the run`)
    } catch (error) {
      await following.patience.bear(error)
    }
  }
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
