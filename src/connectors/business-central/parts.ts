import { present } from '../../lib/assert.ts'
import { backoffMs } from '../../lib/backoff.ts'
import { answerInvalid } from '../http/failures.ts'
import type { HttpFacts } from '../http/http.ts'
import type { BatchRequest, BatchResult } from '../odata/batch.ts'
import type { ODataClient, RequestContext } from '../odata/client.ts'
import type { ODataFailure } from '../odata/failure.ts'
import { failureError } from '../odata/failure.ts'

/** One request of a batch, before it has its place there. */
export type Part = Pick<BatchRequest, 'method' | 'path' | 'headers' | 'body'>

/** What became of a part; a part that was not reached is sent again. */
export type PartResult = Extract<BatchResult, { kind: 'done' | 'failed' }>

/** Most operations of a batch (connectors.md B.6). */
const mostParts = 100

/** What became of the first parts of a batch, and how long the service has worked on it. */
export interface SentParts {
  readonly results: readonly PartResult[]
  readonly durationMs: number
}

/**
 * Sends parts as one batch, each on its own, and gives what became of the first of them, in order: all of them, unless the
 * service has stopped at a failure although it was asked to go on. A failure of the batch as a whole is thrown.
 */
export async function sendParts(
  client: ODataClient,
  parts: readonly Part[],
  what: string,
  context: RequestContext,
): Promise<SentParts> {
  const requests = parts.map((part, index): BatchRequest => ({ ...part, id: String(index + 1), group: null }))
  const answer = await client.batch(requests, {
    ...context,
    format: 'json',
    prefer: { continueOnError: true },
  })
  if (!answer.ok) throw failureError(answer.failure, what, client.facts)
  const results: PartResult[] = []
  for (const { id } of requests) {
    const result = answer.results.get(id)
    if (result?.kind !== 'done' && result?.kind !== 'failed') break
    results.push(result)
  }
  if (results.length === 0) throw answerInvalid(client.facts, 'to a batch answers none of its requests')
  return { results, durationMs: answer.durationMs }
}

/** How the service is given time when it takes no more requests. */
export interface Pacing {
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  /** In [0, 1), for jitter. */
  readonly random: () => number
}

/** How often one operation is sent because the service takes no more requests. */
const mostTries = 4
const pause = { firstMs: 1_000, maxMs: 30_000 }

/**
 * Sends parts in batches one after the other until each has its result. An operation that is throttled inside of a batch
 * was not carried out, and is sent again after a pause. `onResult` may throw, to stop.
 */
export async function sendAll(
  parts: readonly Part[],
  how: {
    readonly send: (batch: readonly Part[]) => Promise<readonly PartResult[]>
    readonly size: () => number
    readonly pacing: Pacing
    readonly signal: AbortSignal
  },
  onResult: (index: number, result: PartResult) => void,
): Promise<void> {
  let open = parts.map((part, index) => ({ part, index, tries: 1 }))
  while (open.length > 0) {
    const batch = open.slice(0, how.size())
    const results = await how.send(batch.map(({ part }) => part))
    const again: typeof open = []
    let waitMs = 0
    results.forEach((result, place) => {
      const entry = present(batch[place], 'operation of a batch')
      const isThrottled = result.kind === 'failed' && result.failure.status === 429
      if (!isThrottled || entry.tries === mostTries) {
        onResult(entry.index, result)
        return
      }
      again.push({ ...entry, tries: entry.tries + 1 })
      const { retryAfterMs } = result.failure
      waitMs = Math.max(waitMs, retryAfterMs ?? backoffMs(entry.tries, pause, how.pacing.random()))
    })
    open = [...again, ...open.slice(results.length)]
    if (waitMs > 0) await how.pacing.wait(waitMs, how.signal)
  }
}

type Found = Extract<PartResult, { kind: 'done' }> | null

/** Reads by many addresses in few requests; null for what is not there. */
export async function readParts(
  client: ODataClient,
  paths: readonly string[],
  what: string,
  { pacing, signal }: { readonly pacing: Pacing; readonly signal: AbortSignal },
): Promise<readonly Found[]> {
  const parts = paths.map((path): Part => ({ method: 'GET', path, headers: {}, body: null }))
  const found: Found[] = paths.map(() => null)
  const send = async (batch: readonly Part[]) => (await sendParts(client, batch, what, { signal })).results
  await sendAll(parts, { send, size: () => mostParts, pacing, signal }, (index, result) => {
    found[index] = foundOrNull(result, what, client.facts)
  })
  return found
}

function foundOrNull(result: PartResult, what: string, facts: HttpFacts): Found {
  if (result.kind === 'done') return result
  if (isRecordMissing(result.failure)) return null
  throw failureError(result.failure, what, facts)
}

/** By code, never by the status alone: a proxy that answers 404 to everything is no proof that a record has gone (P9). */
export function isRecordMissing({ code }: ODataFailure): boolean {
  return code === 'Internal_RecordNotFound' || code === 'Internal_DataNotFoundFilter'
}
