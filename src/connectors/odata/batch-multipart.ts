import { answerInvalid } from '../http/failures.ts'
import type { HttpHeaders } from '../http/http.ts'
import {
  type BatchRequest,
  type BatchResult,
  batchUnits,
  type PartAnswer,
  type PartReader,
  unitResults,
} from './batch.ts'
import { stringifyJson } from './json.ts'
import { boundaryOf, type MimePart, parseHttpPart, parseMultipart } from './multipart.ts'

const newLine = '\r\n'

/** The body of a multipart batch (connectors.md A.8); every line ends with CR LF, the last one, too. */
export function multipartBody(requests: readonly BatchRequest[], root: URL, boundary: string): string {
  const parts = batchUnits(requests).map((unit, index) => {
    const [only] = unit
    if (only && only.group === null) return httpPart(only, root)
    const inner = `changeset_${index + 1}_${boundary}`
    const head = `Content-Type: multipart/mixed; boundary="${inner}"${newLine}${newLine}`
    return `${head}${enclosed(
      unit.map((request) => httpPart(request, root)),
      inner,
    )}`
  })
  return enclosed(parts, boundary)
}

function enclosed(parts: readonly string[], boundary: string): string {
  return `${parts.map((part) => `--${boundary}${newLine}${part}${newLine}`).join('')}--${boundary}--${newLine}`
}

function httpPart({ id, method, path, headers, body }: BatchRequest, root: URL): string {
  const text = body === null ? '' : stringifyJson(body)
  const address = path.startsWith('$') ? path : `${root.pathname}${path}`
  const lines = [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    `Content-ID: ${id}`,
    '',
    `${method} ${address} HTTP/1.1`,
    ...Object.entries({ Accept: 'application/json', ...withType(headers, body !== null) }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    '',
    text,
  ]
  return lines.join(newLine)
}

function withType(headers: HttpHeaders, hasBody: boolean): HttpHeaders {
  return hasBody ? { 'Content-Type': 'application/json', ...headers } : headers
}

/**
 * What became of each request, by its id. The boundary is that of the answer's own content type. Answers come in the order
 * of the requests, inside of a group by Content-ID where it is given; what comes after the last answer was not run.
 */
export function readMultipart(
  requests: readonly BatchRequest[],
  answer: { readonly headers: HttpHeaders; readonly text: string },
  reader: PartReader,
): ReadonlyMap<string, BatchResult> {
  const parts = innerParts(answer.headers['content-type'] ?? '', answer.text, reader)
  const units = batchUnits(requests)
  if (parts.length > units.length)
    throw answerInvalid(reader.facts, 'to a batch has more parts than the batch')
  const results = new Map<string, BatchResult>()
  units.forEach((unit, index) => {
    const part = parts[index]
    const answers = part ? unitAnswers(unit, part, reader) : new Map<string, PartAnswer>()
    for (const [id, result] of unitResults(unit, answers, reader)) results.set(id, result)
  })
  return results
}

function innerParts(contentType: string, text: string, { facts }: PartReader): readonly MimePart[] {
  const boundary = boundaryOf(contentType)
  const parts = boundary === null ? null : parseMultipart(text, boundary)
  if (!parts) throw answerInvalid(facts, 'to a batch is no complete multipart text')
  return parts
}

/** A group that has failed is answered by a single part, which then belongs to the request it names, or else the first. */
function unitAnswers(
  unit: readonly BatchRequest[],
  part: MimePart,
  reader: PartReader,
): ReadonlyMap<string, PartAnswer> {
  const contentType = part.headers['content-type'] ?? ''
  const isGroup = /^\s*multipart\//i.test(contentType)
  const inner = isGroup ? innerParts(contentType, part.content, reader) : [part]
  const ids = unit.map(({ id }) => id)
  const answers = new Map<string, PartAnswer>()
  inner.forEach((each, index) => {
    const http = parseHttpPart(each.content)
    if (!http) throw answerInvalid(reader.facts, 'to a batch holds a part that is no answer')
    const named = each.headers['content-id'] ?? http.headers['content-id']
    const id = named !== undefined && ids.includes(named) ? named : ids[index]
    if (id === undefined || answers.has(id))
      throw answerInvalid(reader.facts, 'to a batch names a request twice')
    answers.set(id, http)
  })
  return answers
}
