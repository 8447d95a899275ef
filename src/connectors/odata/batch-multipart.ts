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

/** How a part names its resource: below the root of the host, as Dataverse wants it, or below that of the service. */
export type PartAddresses = 'of-host' | 'of-service'

export interface MultipartFrame {
  readonly root: URL
  readonly boundary: string
  readonly addresses: PartAddresses
}

/** The body of a multipart batch (connectors.md A.8); every line ends with CR LF, the last one, too. */
export function multipartBody(requests: readonly BatchRequest[], frame: MultipartFrame): string {
  const { boundary } = frame
  const parts = batchUnits(requests).map((unit, index) => {
    const [only] = unit
    if (only && only.group === null) return httpPart(only, frame)
    const inner = `changeset_${index + 1}_${boundary}`
    const head = `Content-Type: multipart/mixed; boundary=${inner}${newLine}${newLine}`
    return `${head}${enclosed(
      unit.map((request) => httpPart(request, frame)),
      inner,
    )}`
  })
  return enclosed(parts, boundary)
}

function enclosed(parts: readonly string[], boundary: string): string {
  return `${parts.map((part) => `--${boundary}${newLine}${part}${newLine}`).join('')}--${boundary}--${newLine}`
}

function httpPart(
  { id, method, path, headers, body }: BatchRequest,
  { root, addresses }: MultipartFrame,
): string {
  const text = body === null ? '' : stringifyJson(body)
  const isRelative = addresses === 'of-service' || path.startsWith('$')
  const address = isRelative ? path : `${root.pathname}${path}`
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
 * What became of each request, by its id. The boundary is that of the answer's own content type. Where every answer names
 * its request (Content-ID), the names decide; else answers come in the order of the requests. What comes after the last
 * answer was not run.
 */
export function readMultipart(
  requests: readonly BatchRequest[],
  answer: { readonly headers: HttpHeaders; readonly text: string },
  reader: PartReader,
): ReadonlyMap<string, BatchResult> {
  const parts = innerParts(answer.headers['content-type'] ?? '', answer.text, reader).map((part) =>
    readPart(part, reader),
  )
  const units = batchUnits(requests)
  const answers = answersByName(requests, parts.flat()) ?? answersByOrder(units, parts, reader)
  return new Map(units.flatMap((unit) => [...unitResults(unit, answers, reader)]))
}

interface NamedAnswer extends PartAnswer {
  readonly id: string | null
}

function innerParts(contentType: string, text: string, { facts }: PartReader): readonly MimePart[] {
  const boundary = boundaryOf(contentType)
  const parts = boundary === null ? null : parseMultipart(text, boundary)
  if (!parts) throw answerInvalid(facts, 'to a batch is no complete multipart text')
  return parts
}

/** The answers of one part: several where it answers a change set. */
function readPart(part: MimePart, reader: PartReader): readonly NamedAnswer[] {
  const contentType = part.headers['content-type'] ?? ''
  const isGroup = /^\s*multipart\//i.test(contentType)
  const inner = isGroup ? innerParts(contentType, part.content, reader) : [part]
  return inner.map((each) => {
    const http = parseHttpPart(each.content)
    if (!http) throw answerInvalid(reader.facts, 'to a batch holds a part that is no answer')
    const { status, headers, text } = http
    return {
      status,
      headers,
      content: text,
      id: each.headers['content-id'] ?? http.headers['content-id'] ?? null,
    }
  })
}

function answersByName(
  requests: readonly BatchRequest[],
  answers: readonly NamedAnswer[],
): ReadonlyMap<string, PartAnswer> | null {
  const known = new Set(requests.map(({ id }) => id))
  const named = new Map<string, PartAnswer>()
  for (const answer of answers) {
    if (answer.id === null || !known.has(answer.id) || named.has(answer.id)) return null
    named.set(answer.id, answer)
  }
  return named
}

/** A group that has failed is answered by a single part, which then belongs to the request it names, or else the first. */
function answersByOrder(
  units: readonly (readonly BatchRequest[])[],
  parts: readonly (readonly NamedAnswer[])[],
  { facts }: PartReader,
): ReadonlyMap<string, PartAnswer> {
  if (parts.length > units.length) throw answerInvalid(facts, 'to a batch has more parts than the batch')
  const found = new Map<string, PartAnswer>()
  parts.forEach((answers, at) => {
    const ids = (units[at] ?? []).map(({ id }) => id)
    answers.forEach((answer, index) => {
      const id = answer.id !== null && ids.includes(answer.id) ? answer.id : ids[index]
      if (id === undefined || found.has(id)) throw answerInvalid(facts, 'to a batch names a request twice')
      found.set(id, answer)
    })
  })
  return found
}
