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

/**
 * Sends parts as one batch, each on its own, and gives what became of the first of them, in order: all of them, unless the
 * service has stopped at a failure although it was asked to go on. A failure of the batch as a whole is thrown.
 */
export async function sendParts(
  client: ODataClient,
  parts: readonly Part[],
  what: string,
  context: RequestContext,
): Promise<readonly PartResult[]> {
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
  return results
}

/** Reads by many addresses in few requests; null for what is not there. */
export async function readParts(
  client: ODataClient,
  paths: readonly string[],
  what: string,
  context: RequestContext,
): Promise<readonly (Extract<PartResult, { kind: 'done' }> | null)[]> {
  const found: (Extract<PartResult, { kind: 'done' }> | null)[] = []
  while (found.length < paths.length) {
    const next = paths.slice(found.length, found.length + mostParts)
    const parts = next.map((path): Part => ({ method: 'GET', path, headers: {}, body: null }))
    for (const result of await sendParts(client, parts, what, context)) {
      found.push(foundOrNull(result, what, client.facts))
    }
  }
  return found
}

function foundOrNull(
  result: PartResult,
  what: string,
  facts: HttpFacts,
): Extract<PartResult, { kind: 'done' }> | null {
  if (result.kind === 'done') return result
  if (isRecordMissing(result.failure)) return null
  throw failureError(result.failure, what, facts)
}

/** By code, never by the status alone: a proxy that answers 404 to everything is no proof that a record has gone (P9). */
export function isRecordMissing({ code }: ODataFailure): boolean {
  return code === 'Internal_RecordNotFound' || code === 'Internal_DataNotFoundFilter'
}
