import { STATUS_CODES } from 'node:http'
import type { SimRequest } from '../../kit/http.ts'
import { parseJsonObject } from '../../kit/json.ts'
import {
  boundaryOf,
  type MultipartPart,
  parseHttpPart,
  parseMultipart,
  writeMultipart,
} from '../../kit/multipart.ts'
import { refusals } from '../errors.ts'
import { addressOf, type BatchItem, type ItemAnswer } from './batch-item.ts'

/** Reads the parts of a multipart batch; those of a change set have its boundary as their group. Throws 400. */
export function multipartItems(request: SimRequest, boundary: string, base: string): readonly BatchItem[] {
  return partsOf(request.body.toString('utf8'), boundary).flatMap((part) => {
    const inner = boundaryOf(part.headers['content-type'] ?? null)
    if (inner === null) return [itemOf(part, request, base, null)]
    return partsOf(part.body, inner).map((each) => itemOf(each, request, base, inner))
  })
}

function partsOf(text: string, boundary: string): readonly MultipartPart[] {
  const parts = parseMultipart(text, boundary)
  if (parts === null)
    throw refusals.malformed('Stream was not readable: the batch is not a valid multipart message.')
  return parts
}

function itemOf(part: MultipartPart, request: SimRequest, base: string, group: string | null): BatchItem {
  const http = parseHttpPart(part)
  if (http === null) throw refusals.malformed('A part of the batch holds no HTTP request.')
  return {
    id: part.headers['content-id'] ?? null,
    group,
    operation: {
      method: http.method,
      ...addressOf(http.url, base),
      headers: http.headers,
      origin: request.origin,
      body: () => parseJsonObject(http.body, 'BadRequest'),
    },
  }
}

/** Writes the answers as parts, in order. */
export function multipartText(boundary: string, answers: readonly ItemAnswer[]): string {
  return writeMultipart(boundary, answers.map(partOf))
}

function partOf({ id, answer }: ItemAnswer): string {
  const { status, headers, body } = answer
  const lines = [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(id === null ? [] : [`Content-ID: ${id}`]),
    '',
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    String(body),
  ]
  return lines.join('\r\n')
}
