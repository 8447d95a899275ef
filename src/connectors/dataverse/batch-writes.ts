import type { WriteOperation, WriteRequest } from '../../core/ports/connector.ts'
import { present } from '../../lib/assert.ts'
import { answerInvalid } from '../http/failures.ts'
import type { BatchRequest, BatchResult } from '../odata/batch.ts'
import { failureError } from '../odata/failure.ts'
import { isJsonObject, type Json } from '../odata/json.ts'
import type { ODataRow } from '../odata/page.ts'
import { preferHeader } from '../odata/prefer.ts'
import { withQuery } from '../odata/query.ts'
import type { Selection } from './rows.ts'
import { sendChunks } from './send-chunks.ts'
import { contextOf } from './table-access.ts'
import type { WriteAccess } from './write-access.ts'

/** An operation with what it takes to send it. */
export interface Prepared<O extends WriteOperation = WriteOperation> {
  readonly operation: O
  readonly index: number
  readonly id: string
  /** Empty for a deletion. */
  readonly body: Readonly<Record<string, Json>>
}

export type PartResult = Extract<BatchResult, { kind: 'done' | 'failed' }>

/**
 * Writes each record by itself, many in one `$batch` and several of these at once. The choice: a window of 300 s takes 6,000
 * requests and 1,200 s of their run time; a record takes 0.1–0.3 s of run time however it is sent, so single requests would
 * meet both limits at about the same time, while small batches leave the count to others and cost nothing in run time. Each
 * part is conditional: a creation by POST with our id in the body, which can never change a record that is there, even
 * where somebody drops a header on the way; everything else by `If-Match`.
 */
export async function writeParts(
  access: WriteAccess,
  operations: readonly Prepared[],
  selection: Selection,
  request: Pick<WriteRequest, 'assertMaySend' | 'signal'>,
): Promise<ReadonlyMap<Prepared, PartResult>> {
  const found = new Map<Prepared, PartResult>()
  const { client, shape, settings } = access
  const chunks = { ...settings, size: settings.batchSize, fewest: fewestSideBySide }
  await sendChunks(operations, chunks, async (chunk) => {
    const requests = chunk.map((each, index) => partOf(access, each, selection, String(index + 1)))
    const answer = await client.batch(requests, {
      ...contextOf(access, request.signal),
      assertMaySend: request.assertMaySend,
      format: 'multipart',
      prefer: { continueOnError: true },
    })
    if (!answer.ok) {
      const { failure, durationMs } = answer
      const [only, ...more] = chunk
      if (failure.status !== 413 || !only) {
        throw failureError(failure, `write to ${shape.schema.table}`, client.facts)
      }
      if (more.length > 0) return { status: 413, left: chunk, durationMs }
      // A record that is too large by itself.
      found.set(only, { kind: 'failed', failure })
      return { status: 413, left: [], durationMs }
    }
    const left: Prepared[] = []
    chunk.forEach((each, index) => {
      const result = answer.results.get(String(index + 1))
      if (result?.kind === 'done' || result?.kind === 'failed') found.set(each, result)
      else left.push(each)
    })
    if (left.length === chunk.length)
      throw answerInvalid(client.facts, 'to a batch answers none of its requests')
    return { status: null, left, durationMs: answer.durationMs }
  })
  return found
}

/** So many take as long as the service needs for an answer to be worth its request. */
const fewestSideBySide = 20

function partOf(
  { shape, settings }: WriteAccess,
  { operation, id, body }: Prepared,
  { select, prefer }: Selection,
  partId: string,
): BatchRequest {
  const representation = preferHeader({ ...prefer, returnRepresentation: true }) ?? ''
  const { headers: special } = settings
  const headers = { ...special, Prefer: representation }
  const part = { id: partId, group: null }
  if (operation.kind === 'insert') {
    const path = withQuery(shape.entitySet, { select })
    return { ...part, method: 'POST', path, headers, body: { ...body, [shape.key.property]: id } }
  }
  const path = `${shape.entitySet}(${id})`
  const ifMatch = { 'If-Match': operation.expectedVersion }
  if (operation.kind === 'delete')
    return { ...part, method: 'DELETE', path, headers: { ...special, ...ifMatch }, body: null }
  return {
    ...part,
    method: 'PATCH',
    path: withQuery(path, { select }),
    headers: { ...headers, ...ifMatch },
    body,
  }
}

/** The row in the answer of a write; null where the service has ignored the wish for one. */
export function rowOf(result: Extract<PartResult, { kind: 'done' }>): ODataRow | null {
  return isJsonObject(result.body ?? undefined) ? (present(result.body, 'row') as ODataRow) : null
}
