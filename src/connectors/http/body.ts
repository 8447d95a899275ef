import { pipeline, type Readable } from 'node:stream'
import { constants, createGunzip } from 'node:zlib'
import { answerInvalid, answerTooLarge } from './failures.ts'
import type { HttpFacts, HttpHeaders } from './http.ts'

/**
 * The body of an answer as text. Never holds more than `limit` bytes, counted after decompression. Throws
 * ANSWER_TOO_LARGE, and ANSWER_INVALID for an encoding that is not ours or text that is not UTF-8.
 */
export async function readBody(
  body: Readable,
  headers: HttpHeaders,
  limit: number,
  facts: HttpFacts,
): Promise<string> {
  // Destroying a body that nobody reads any more reports an error to nobody.
  body.on('error', ignored)
  try {
    const encoding = headers['content-encoding'] ?? 'identity'
    if (Number(headers['content-length'] ?? 0) > limit) throw answerTooLarge(facts, limit)
    return decode(await collect(decompressed(body, encoding, facts), limit, facts), headers, facts)
  } finally {
    body.destroy()
  }
}

const ignored = () => {}

function decompressed(body: Readable, encoding: string, facts: HttpFacts): Readable {
  switch (encoding.trim().toLowerCase()) {
    case 'identity':
    case '':
      return body
    case 'gzip':
    case 'x-gzip':
      // Without a flush at the end a cut stream would look complete.
      return pipeline(body, createGunzip({ finishFlush: constants.Z_FINISH }), ignored)
    default:
      throw answerInvalid(facts, 'is compressed in a way that was not asked for')
  }
}

async function collect(stream: Readable, limit: number, facts: HttpFacts): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw answerTooLarge(facts, limit)
    chunks.push(chunk)
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size)
}

const utf8 = /^(utf-?8|us-ascii)$/i

function decode(bytes: Buffer, headers: HttpHeaders, facts: HttpFacts): string {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1]
  if (charset !== undefined && !utf8.test(charset)) throw answerInvalid(facts, 'is not written in UTF-8')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw answerInvalid(facts, 'says it is UTF-8 and is not', error)
  }
}

/** Throws ANSWER_INVALID unless the answer is of this type, for example `application/json` (parameters and +json apart). */
export function requireContentType(headers: HttpHeaders, expected: RegExp, facts: HttpFacts): void {
  const found = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (expected.test(found)) return
  const shown = /^[a-z0-9.+-]{1,40}\/[a-z0-9.+-]{1,80}$/.test(found) ? `of type ${found}` : 'without a type'
  throw answerInvalid(facts, `is ${shown}, not what was asked for; is the address right?`)
}
