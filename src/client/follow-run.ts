import { EventSourceParserStream } from 'eventsource-parser/stream'
import { type AnswerOf, API } from '../api/contract/endpoint.ts'
import type { getRun } from '../api/contract/run-endpoints.ts'
import { type CoupletClientOptions, isPassing, pause, readProblem } from './send.ts'

type RunDetails = AnswerOf<typeof getRun>

interface Place {
  /** Names what was seen last: the server sends only what differs from it. */
  lastEventId: string
  failures: number
}

/** Each state of a run until it has ended. A stream that breaks is taken up again where it was. */
export async function* followRun(
  options: CoupletClientOptions,
  id: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunDetails, void> {
  const place: Place = { lastEventId: '', failures: 0 }
  for (;;) {
    try {
      for await (const details of readStream(options, id, place, signal)) {
        place.failures = 0
        yield details
        if (details.run.finishedAt !== null) return
      }
    } catch (error) {
      if (!isPassing(error) || signal?.aborted) throw error
    }
    place.failures += 1
    await pause(place.failures, null, signal)
  }
}

async function* readStream(
  { url, key }: CoupletClientOptions,
  id: number,
  place: Place,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunDetails, void> {
  const answer = await fetch(new URL(`${API}/runs/${id}/events`, url), {
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'text/event-stream',
      ...(place.lastEventId !== '' && { 'last-event-id': place.lastEventId }),
    },
    signal: signal ?? null,
  })
  if (!answer.ok) throw await readProblem(answer)
  const events = answer.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  for await (const event of events ?? []) {
    if (event.event !== 'run') continue
    place.lastEventId = event.id ?? ''
    yield JSON.parse(event.data) as RunDetails
  }
}
