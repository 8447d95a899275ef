import { randomUUID } from 'node:crypto'
import { type HttpProblem, headerOf, preferencesOf, type SimAnswer, type SimRequest } from '../kit/http.ts'
import {
  boundaryOf,
  type HttpPart,
  type MultipartPart,
  parseHttpPart,
  parseMultipart,
  writeMultipart,
} from '../kit/multipart.ts'
import type { Caller } from './caller.ts'
import { problems } from './problems.ts'

/** What the batch needs of the rest: one request with the writes of its change set, and an error as an answer. */
export interface BatchParts {
  answer(request: SimRequest, changeSet: Pick<Caller, 'undo' | 'references'> | null): SimAnswer
  problem(problem: HttpProblem): SimAnswer
}

const mostRequests = 1_000
const crlf = '\r\n'

/** `$batch` (connectors.md A.8): one request after the other, change sets as a whole or not at all. */
export function answerBatch(request: SimRequest, parts: BatchParts): SimAnswer {
  const sections = readParts(request.headers['content-type'] ?? null, request.body.toString('utf8'))
  if (countRequests(sections) > mostRequests) {
    throw problems.query(`Number of requests in the batch exceeded the limit of ${mostRequests}.`)
  }
  const goesOn = preferencesOf(request).has('odata.continue-on-error')
  const answers: string[] = []
  let status = 200
  let rows = 0
  for (const section of sections) {
    const { text, worst, count } = answerSection(section, request, parts)
    answers.push(text)
    rows += count
    if (worst < 400 || goesOn) continue
    status = worst
    break
  }
  const boundary = `batchresponse_${randomUUID()}`
  return {
    status,
    headers: { 'content-type': `multipart/mixed; boundary=${boundary}`, 'odata-version': '4.0' },
    body: writeMultipart(boundary, answers),
    rows,
  }
}

interface Section {
  readonly text: string
  readonly worst: number
  readonly count: number
}

function readParts(contentType: string | null, text: string): readonly MultipartPart[] {
  const boundary = boundaryOf(contentType)
  if (boundary === null) throw problems.payload('The batch has no boundary.')
  const parts = parseMultipart(text, boundary)
  if (parts === null) throw problems.payload('Stream was not readable.')
  return parts
}

function countRequests(sections: readonly MultipartPart[]): number {
  return sections.reduce((sum, section) => sum + (changeSetOf(section)?.length ?? 1), 0)
}

/** The parts of a change set; null for a request. */
function changeSetOf(section: MultipartPart): readonly MultipartPart[] | null {
  const contentType = section.headers['content-type'] ?? null
  return boundaryOf(contentType) === null ? null : readParts(contentType, section.body)
}

function answerSection(section: MultipartPart, outer: SimRequest, parts: BatchParts): Section {
  const changeSet = changeSetOf(section)
  if (changeSet) return answerChangeSet(changeSet, outer, parts)
  const answer = parts.answer(requestOf(httpPartOf(section), outer), null)
  return { text: partText(answer, null), worst: answer.status, count: answer.rows ?? 1 }
}

/** A failed change set is answered by one error, whatever was answered before it. */
function answerChangeSet(changeSet: readonly MultipartPart[], outer: SimRequest, parts: BatchParts): Section {
  const shared: Pick<Caller, 'undo' | 'references'> = { undo: [], references: new Map() }
  const texts: string[] = []
  let count = 0
  for (const part of changeSet) {
    const answer = answerChange(part, outer, parts, shared)
    if (answer.status >= 400) {
      for (const undo of shared.undo.splice(0).reverse()) undo()
      return { text: partText(answer, null), worst: answer.status, count }
    }
    const id = part.headers['content-id'] ?? null
    const address = answer.headers['odata-entityid']
    if (id !== null && address !== undefined) shared.references.set(`$${id}`, address)
    texts.push(partText(answer, id))
    count += answer.rows ?? 1
  }
  const boundary = `changesetresponse_${randomUUID()}`
  const head = `Content-Type: multipart/mixed; boundary=${boundary}${crlf}${crlf}`
  return { text: head + writeMultipart(boundary, texts), worst: 200, count }
}

function answerChange(
  part: MultipartPart,
  outer: SimRequest,
  parts: BatchParts,
  shared: Pick<Caller, 'undo' | 'references'>,
): SimAnswer {
  const inner = httpPartOf(part)
  if (inner.method === 'GET') return parts.problem(problems.query('A change set must not contain a GET.'))
  if (part.headers['content-id'] === undefined) {
    return parts.problem(problems.query('Each part of a change set needs a Content-ID.'))
  }
  return parts.answer(requestOf(inner, outer), shared)
}

function httpPartOf(section: MultipartPart): HttpPart {
  const isHttp = section.headers['content-type']?.startsWith('application/http') === true
  const part = isHttp ? parseHttpPart(section) : null
  if (!part) throw problems.payload('Stream was not readable.')
  return part
}

/** Headers of the batch are not inherited, but for the sign-in. */
function requestOf(part: HttpPart, outer: SimRequest): SimRequest {
  const url = part.url.replace(/^https?:\/\/[^/]+/, '')
  const isRelative = !url.startsWith('/')
  const full = isRelative ? `${outer.path.slice(0, outer.path.lastIndexOf('/'))}/${url}` : url
  const [path = '', ...query] = full.split('?')
  const authorization = headerOf(outer, 'authorization')
  return {
    method: part.method,
    path,
    query: query.join('?'),
    headers: { ...part.headers, ...(authorization === null ? {} : { authorization }) },
    body: Buffer.from(part.body),
    isTooLarge: false,
    origin: outer.origin,
  }
}

/** An answer as a part; a record that was made is named twice (connectors.md A.5). */
function partText(answer: SimAnswer, contentId: string | null): string {
  const address = answer.headers['odata-entityid']
  const headers = {
    ...(address === undefined ? {} : { location: address }),
    ...answer.headers,
  }
  const lines = [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(contentId === null ? [] : [`Content-ID: ${contentId}`]),
    '',
    `HTTP/1.1 ${answer.status} ${reasons[answer.status] ?? 'Status'}`,
    ...Object.entries(headers).map(([name, value]) => `${properCase(name)}: ${value}`),
    '',
    String(answer.body),
  ]
  return lines.join(crlf)
}

const properNames: Readonly<Record<string, string>> = {
  'odata-version': 'OData-Version',
  'odata-entityid': 'OData-EntityId',
  etag: 'ETag',
}

function properCase(name: string): string {
  return properNames[name] ?? name.replace(/(^|-)[a-z]/g, (part) => part.toUpperCase())
}

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  412: 'Precondition Failed',
  429: 'Too Many Requests',
}
