import { answerInvalid } from '../http/failures.ts'
import type { HttpFacts, HttpHeaders, HttpMethod } from '../http/http.ts'
import { type ODataFailure, readFailure } from './failure.ts'
import { type Json, parseJson, stringifyJson } from './json.ts'

export interface BatchRequest {
  /** Unique inside of the batch: a whole number as text, so that `$1` can refer to it. */
  readonly id: string
  readonly method: HttpMethod
  /** Below the root of the service, with its query, percent-encoded; or `$1…` for what request 1 creates. */
  readonly path: string
  readonly headers: HttpHeaders
  readonly body: Json | null
  /** Neighbours of one group are carried out all or none; null stands alone. */
  readonly group: string | null
}

export type BatchResult =
  | {
      readonly kind: 'done'
      readonly status: number
      readonly headers: HttpHeaders
      readonly body: Json | null
    }
  | { readonly kind: 'failed'; readonly failure: ODataFailure }
  /** Nothing of its group was written, because of another request: that one's failure. */
  | { readonly kind: 'rolled-back'; readonly failure: ODataFailure }
  /** The service had stopped before it. */
  | { readonly kind: 'not-run' }

/** An answer inside of a batch, before anybody has asked what its group makes of it. */
export interface PartAnswer {
  readonly status: number
  readonly headers: HttpHeaders
  /** A text is JSON that nobody has parsed yet, empty where there is none; everything else has been, with its batch. */
  readonly content: Json
}

export interface PartReader {
  readonly facts: HttpFacts
  readonly hide: (text: string) => string
}

/** Neighbours of one group together; requests without group alone. */
export function batchUnits(requests: readonly BatchRequest[]): readonly (readonly BatchRequest[])[] {
  const units: BatchRequest[][] = []
  for (const request of requests) {
    const last = units.at(-1)
    if (last && request.group !== null && last[0]?.group === request.group) last.push(request)
    else units.push([request])
  }
  return units
}

/**
 * What became of the requests of one unit. A service may answer 201 to what it has rolled back (connectors.md B.6, C): one
 * failure in a group means that nothing of the group was written. Without any answer nothing has run.
 */
export function unitResults(
  unit: readonly BatchRequest[],
  answers: ReadonlyMap<string, PartAnswer>,
  reader: PartReader,
): ReadonlyMap<string, BatchResult> {
  const results = new Map<string, BatchResult>()
  for (const { id } of unit) {
    const answer = answers.get(id)
    results.set(id, answer ? partResult(answer, reader) : { kind: 'not-run' })
  }
  if (unit.length === 1) return results
  const cause = causeOf([...results.values()])
  if (cause === null) {
    const isWhole = answers.size === 0 || [...results.values()].every(({ kind }) => kind === 'done')
    if (!isWhole) throw answerInvalid(reader.facts, 'to a batch is silent about a part of a group')
    return results
  }
  for (const [id, result] of results) {
    const isCause = result.kind === 'failed' && result.failure.status !== failedDependency
    if (!isCause) results.set(id, { kind: 'rolled-back', failure: cause })
  }
  return results
}

/** The status of a request that failed only because another one did. */
const failedDependency = 424

function causeOf(results: readonly BatchResult[]): ODataFailure | null {
  const failures = results.flatMap((result) => (result.kind === 'failed' ? [result.failure] : []))
  return failures.find(({ status }) => status !== failedDependency) ?? failures[0] ?? null
}

function partResult(answer: PartAnswer, { facts, hide }: PartReader): BatchResult {
  const { status, headers, content } = answer
  if (status >= 400) {
    const seconds = headers['retry-after'] ?? ''
    const retryAfterMs = /^\d{1,7}$/.test(seconds) ? Number(seconds) * 1_000 : null
    const text = typeof content === 'string' ? content : stringifyJson(content)
    return { kind: 'failed', failure: readFailure(status, text, retryAfterMs, hide) }
  }
  return { kind: 'done', status, headers, body: bodyOf(content, facts) }
}

function bodyOf(content: Json, facts: HttpFacts): Json {
  if (typeof content !== 'string') return content
  try {
    return content === '' ? null : parseJson(content)
  } catch {
    throw answerInvalid(facts, 'to a batch holds a part that is no valid JSON')
  }
}
