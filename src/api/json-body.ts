import { parse } from 'lossless-json'
import { SyncError } from '../core/errors.ts'
import type { Server } from './server-type.ts'

/** Deeper than anything we take; what goes through values step by step would run out of stack somewhere. */
const DEEPEST = 100

/**
 * Bodies are JSON in UTF-8 and nothing else, and whole: what would be converted or dropped on the way to a value is refused, such as
 * bytes that are no UTF-8, a name that stands there twice, a number that no number holds, and `__proto__`.
 */
export function takeJsonOnly(server: Server): void {
  const parseSafely = server.getDefaultJsonParser('error', 'error')
  // A form of another site can send text without being asked for its origin.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      assertUtf8(request.headers['content-type'] ?? '')
      const text = readUtf8(body)
      if (text !== '') refuseLoss(text)
      parseSafely(request, text, done)
    } catch (error) {
      done(error instanceof SyncError ? error : refused('is no JSON', error))
    }
  })
}

function assertUtf8(type: string): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1]
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) throw refused('is not said to be UTF-8')
}

function readUtf8(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (error) {
    throw refused('is no UTF-8', error)
  }
}

function refuseLoss(text: string): void {
  if (isDeeperThan(DEEPEST, text)) throw refused(`is nested more than ${DEEPEST} levels deep`)
  try {
    parse(text, undefined, readNumber)
  } catch (error) {
    throw error instanceof SyncError ? error : refused(`is no JSON: ${reasonOf(error)}`, error)
  }
}

/** Of a text that may be no JSON: brackets outside of strings are counted. Each character is looked at once, also of a string without end. */
function isDeeperThan(limit: number, text: string): boolean {
  let depth = 0
  let isInString = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') isInString = !isInString
    else if (isInString && character === '\\') at += 1
    else if (!isInString && (character === '[' || character === '{')) depth += 1
    else if (!isInString && (character === ']' || character === '}')) depth -= 1
    if (depth > limit) return true
  }
  return false
}

function readNumber(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value)) return value
  throw refused(`holds a number that is too large: ${text.slice(0, 30)}`)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read'
}

function refused(reason: string, cause?: unknown): SyncError {
  return new SyncError('REQUEST_INVALID', `The body ${reason}`, { cause })
}
