import type { HttpHeaders } from '../http/http.ts'

export interface MimePart {
  /** Names in lower case. */
  readonly headers: HttpHeaders
  readonly content: string
}

/** The boundary parameter of a content type, null where it is no multipart type. */
export function boundaryOf(contentType: string): string | null {
  if (!/^\s*multipart\/mixed\s*;/i.test(contentType)) return null
  const match = /;\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType)
  return match?.[1] ?? match?.[2] ?? null
}

/** The parts between the boundaries, or null when the text is cut off or no multipart text at all. */
export function parseMultipart(text: string, boundary: string): readonly MimePart[] | null {
  const delimiter = `--${boundary}`
  const parts: MimePart[] = []
  let start = -1
  for (let at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, at + delimiter.length)) {
    const after = at + delimiter.length
    const isEnd = text.startsWith('--', after)
    const startsLine = at === 0 || text[at - 1] === '\n'
    if (!startsLine || !(isEnd || /^[ \t]*\r?\n/.test(text.slice(after, after + 80)))) continue
    if (start >= 0) parts.push(parsePart(text.slice(start, at).replace(/\r?\n$/, '')))
    if (isEnd) return start >= 0 ? parts : null
    start = text.indexOf('\n', after) + 1
  }
  return null
}

function parsePart(text: string): MimePart {
  const { head, body } = splitHead(text)
  return { headers: parseHeaders(head), content: body }
}

export interface HttpPart {
  readonly status: number
  readonly headers: HttpHeaders
  readonly text: string
}

/** An answer inside of a part (`HTTP/1.1 200 OK`, headers, blank line, body), or null where it is none. */
export function parseHttpPart(content: string): HttpPart | null {
  const text = content.replace(/^(\r?\n)+/, '')
  const match = /^HTTP\/\d\.\d (\d{3})[^\r\n]*\r?\n?/.exec(text)
  if (!match) return null
  const { head, body } = splitHead(text.slice(match[0].length))
  return { status: Number(match[1]), headers: parseHeaders(head), text: body.trim() }
}

/** A part may have no headers, and an answer no body. */
function splitHead(text: string): { readonly head: string; readonly body: string } {
  const match = /^\r?\n|\r?\n\r?\n/.exec(text)
  if (!match) return { head: text, body: '' }
  return { head: text.slice(0, match.index), body: text.slice(match.index + match[0].length) }
}

function parseHeaders(head: string): HttpHeaders {
  const headers: Record<string, string> = {}
  for (const line of head.split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
  }
  return headers
}
