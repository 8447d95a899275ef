/** One part of a multipart body. */
export interface MultipartPart {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A request inside of a part of type `application/http`. */
export interface HttpPart extends MultipartPart {
  readonly method: string
  /** As written: absolute, from the root of the host, or relative. */
  readonly url: string
}

const crlf = '\r\n'

/** The boundary that a content type names; null without one. */
export function boundaryOf(contentType: string | null): string | null {
  const match = /^multipart\/mixed\s*;.*?boundary="?([^";]+)"?/i.exec(contentType ?? '')
  return match?.[1] ?? null
}

/** Cuts a body into its parts; null when it is not made as it must be: lines end with CR and LF, also the last. */
export function parseMultipart(text: string, boundary: string): readonly MultipartPart[] | null {
  if (/(^|[^\r])\n/.test(text)) return null
  const delimiter = `${crlf}--${boundary}`
  const [, ...sections] = `${crlf}${text}`.split(delimiter)
  const end = sections.pop()
  if (end === undefined || !end.startsWith(`--${crlf}`)) return null
  const parts = sections.map((section) => parseHead(section.replace(/^[ \t]*\r\n/, '')))
  return parts.some((part) => part === null) ? null : (parts as MultipartPart[])
}

/** Reads the request that a part holds; null when there is none. */
export function parseHttpPart(part: MultipartPart): HttpPart | null {
  const end = part.body.indexOf(crlf)
  const line = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(part.body.slice(0, Math.max(0, end)))
  const inner = line ? parseHead(part.body.slice(end + crlf.length)) : null
  return line && inner ? { ...inner, method: line[1] ?? '', url: line[2] ?? '' } : null
}

/** Headers, a blank line, and the rest; null without the blank line. */
function parseHead(text: string): MultipartPart | null {
  const bare = text.startsWith(crlf) ? { head: '', body: text.slice(crlf.length) } : splitHead(text)
  if (!bare) return null
  const lines = bare.head === '' ? [] : bare.head.split(crlf)
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(':')
    return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()]
  })
  return { headers: Object.fromEntries(headers), body: bare.body }
}

function splitHead(text: string): { head: string; body: string } | null {
  const at = text.indexOf(crlf + crlf)
  // The last header may be followed by the boundary at once: a part without a body.
  if (at < 0) return text.endsWith(crlf) ? { head: text.slice(0, -crlf.length), body: '' } : null
  return { head: text.slice(0, at), body: text.slice(at + crlf.length * 2) }
}

/** Writes parts whose texts begin with their headers. */
export function writeMultipart(boundary: string, parts: readonly string[]): string {
  return `${parts.map((part) => `--${boundary}${crlf}${part}${crlf}`).join('')}--${boundary}--${crlf}`
}
