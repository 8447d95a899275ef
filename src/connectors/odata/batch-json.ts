import { z } from 'zod'
import { answerInvalid } from '../http/failures.ts'
import {
  type BatchRequest,
  type BatchResult,
  batchUnits,
  type PartAnswer,
  type PartReader,
  unitResults,
} from './batch.ts'
import type { Json } from './json.ts'

/** The body of a JSON batch (connectors.md B.6). */
export function jsonBatchBody(requests: readonly BatchRequest[]): Json {
  return {
    requests: requests.map(({ id, method, path, headers, body, group }) => ({
      id,
      method,
      url: path,
      headers: {
        accept: 'application/json',
        ...(body === null ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === null ? {} : { body }),
      ...(group === null ? {} : { atomicityGroup: group }),
    })),
  }
}

const Responses = z.object({
  responses: z.array(
    z.object({
      id: z.coerce.string(),
      status: z.number().int().min(100).max(599),
      headers: z.record(z.string(), z.coerce.string()).nullish(),
      body: z.custom<Json>().optional(),
    }),
  ),
})

/**
 * What became of each request, by its id, never by position; some services put the JSON of a part into a text. With
 * `isOneTransaction` the whole batch is one group (`Isolation: snapshot`), whatever the single answers say.
 */
export function readJsonBatch(
  requests: readonly BatchRequest[],
  body: Json,
  isOneTransaction: boolean,
  reader: PartReader,
): ReadonlyMap<string, BatchResult> {
  const parsed = Responses.safeParse(body)
  if (!parsed.success) throw answerInvalid(reader.facts, 'to a batch holds no list of answers')
  const known = new Set(requests.map(({ id }) => id))
  const answers = new Map<string, PartAnswer>()
  for (const { id, status, headers, body: content } of parsed.data.responses) {
    if (!known.has(id) || answers.has(id))
      throw answerInvalid(reader.facts, 'to a batch answers a request that was not sent')
    answers.set(id, { status, headers: lowerCase(headers ?? {}), content: content ?? null })
  }
  const units = isOneTransaction ? [requests] : batchUnits(requests)
  return new Map(units.flatMap((unit) => [...unitResults(unit, answers, reader)]))
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
