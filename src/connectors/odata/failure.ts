import { type ErrorCode, type ErrorKind, SyncError } from '../../core/errors.ts'
import type { RequestAnswer } from '../../core/ports/request-budget.ts'
import { withoutCredentials } from '../../lib/credentials.ts'
import type { HttpFacts, HttpHeaders } from '../http/http.ts'
import { isJsonObject, type Json, parseJson } from './json.ts'

/** An answer that says no. What it means is decided by status and code; the message is for people only. */
export interface ODataFailure {
  readonly status: number
  /** `error.code` of the body (`0x80060882`, `Request_EntityChanged`), empty where there is none. */
  readonly code: string
  /** As the server wrote it, at most 500 characters, without correlation ids and without our secrets. */
  readonly message: string
  readonly retryAfterMs: number | null
  readonly facet: RequestAnswer['facet']
}

const maxMessage = 500
/** Of which that is taken; the answer of a proxy or a broken service may be very long. */
const maxRead = 4_000
const guid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const correlation = new RegExp(
  `\\b(?:correlation|activity|request|trace|session)[ _-]?id\\b\\s*[:=]?\\s*[{<(]?${guid}[})>]?\\.?`,
  'gi',
)

/** Reads the error of a body (connectors.md A.9, B.7); a body without one gives an empty code. */
export function readFailure(
  status: number,
  text: string,
  retryAfterMs: number | null,
  hide: (text: string) => string,
): ODataFailure {
  const error = errorOf(text)
  const code = isJsonObject(error) && typeof error['code'] === 'string' ? error['code'] : ''
  return {
    status,
    code: /^[\w.:-]{1,100}$/.test(code) ? code : '',
    // A token of long ago is known to nobody any more but by its form; half a secret would be known by nothing.
    message: plainMessage(withoutCredentials(hide(messageOf(error))).slice(0, maxRead)),
    retryAfterMs,
    facet: facetOf(status, code),
  }
}

function errorOf(text: string): Json | undefined {
  try {
    const body = parseJson(text)
    return isJsonObject(body) ? body['error'] : undefined
  } catch {
    // A page of a proxy, or nothing at all: the status says enough.
    return undefined
  }
}

function messageOf(error: Json | undefined): string {
  if (!isJsonObject(error)) return ''
  const { message } = error
  if (typeof message === 'string') return message
  return isJsonObject(message) && typeof message['value'] === 'string' ? message['value'] : ''
}

function plainMessage(message: string): string {
  const plain = message.replace(correlation, '').replace(/\s+/g, ' ').trim()
  return plain.length > maxMessage ? `${plain.slice(0, maxMessage - 1)}…` : plain
}

const facets: Readonly<Record<string, RequestAnswer['facet']>> = {
  '0x80072322': 'requests',
  '0x80072321': 'execution-time',
  '0x80072326': 'concurrency',
}

function facetOf(status: number, code: string): RequestAnswer['facet'] {
  return status === 429 ? (facets[code.toLowerCase()] ?? null) : null
}

/** What an answer says about the limits of its user (connectors.md A.10); for the transport. */
export function readLimits(answer: {
  readonly status: number
  readonly headers: HttpHeaders
  readonly text: string
}): Pick<RequestAnswer, 'parallelismHint' | 'facet'> {
  const hint = answer.headers['x-ms-dop-hint'] ?? ''
  const failure = answer.status === 429 ? readFailure(429, answer.text, null, (text) => text) : null
  return {
    parallelismHint: /^[1-9]\d{0,3}$/.test(hint) ? Number(hint) : null,
    facet: failure?.facet ?? null,
  }
}

interface Meaning {
  readonly code: ErrorCode
  readonly kind?: ErrorKind
  readonly text: string
}

/**
 * A failure that concerns the whole request as an error; `what` completes "cannot" (`read accounts`). Statuses that
 * speak about a record (404, 409, 412, …) are the connector's to judge first.
 */
export function failureError(failure: ODataFailure, what: string, facts: HttpFacts): SyncError {
  const { status, code, message, retryAfterMs } = failure
  const meaning = meaningOf(status)
  const said = [`status ${status}`, code, message].filter((part) => part !== '').join(', ')
  return new SyncError(
    meaning.code,
    `Connection ${facts.connection}: cannot ${what}, ${meaning.text} (${said})`,
    {
      ...(meaning.kind ? { kind: meaning.kind } : {}),
      data: { ...facts, status, serviceCode: code, mayHaveRun: failureMayHaveRun(failure) },
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
    },
  )
}

/** A request that was refused did not run; one that broke off at the server may have. */
export function failureMayHaveRun(failure: ODataFailure): boolean {
  return failure.status >= 500 || failure.status === 408
}

function meaningOf(status: number): Meaning {
  if (status === 429) return { code: 'THROTTLED', text: 'the service takes no more requests for now' }
  if (status === 408 || status >= 500) return { code: 'SERVICE_FAILED', text: 'the service has failed' }
  if (status === 401) return { code: 'SIGN_IN_REFUSED', text: 'the sign-in is refused' }
  if (status === 403) return { code: 'PRIVILEGE_MISSING', text: 'the user may not do this' }
  return { code: 'SERVICE_REFUSED', text: 'the service refuses the request' }
}
