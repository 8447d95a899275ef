import { type ErrorCode, SyncError } from '../../core/errors.ts'
import type { HttpFacts } from './http.ts'
import { AddressRefused } from './networks.ts'

interface Meaning {
  readonly code: ErrorCode
  /** False only where the request has certainly not reached the server. */
  readonly mayHaveRun: boolean
  /** Follows `Connection NAME: `. */
  readonly text: (facts: HttpFacts, detail: string) => string
}

const host = (facts: HttpFacts) => new URL(facts.origin).host

const unknownHost: Meaning = {
  code: 'HOST_UNKNOWN',
  mayHaveRun: false,
  text: (facts, detail) => `the host name of ${host(facts)} cannot be looked up (${detail})`,
}
const unreachable: Meaning = {
  code: 'CONNECTION_REFUSED',
  mayHaveRun: false,
  text: (facts, detail) => `${host(facts)} cannot be reached (${detail})`,
}
const tlsFailed: Meaning = {
  code: 'TLS_FAILED',
  mayHaveRun: false,
  text: (facts, detail) => `no trusted TLS connection to ${host(facts)} (${detail})`,
}
const interrupted: Meaning = {
  code: 'CONNECTION_INTERRUPTED',
  mayHaveRun: true,
  text: (facts, detail) => `${host(facts)} closed the connection before its answer was complete (${detail})`,
}
const unreadable: Meaning = {
  code: 'ANSWER_INVALID',
  mayHaveRun: true,
  text: (facts, detail) => `the answer of ${host(facts)} cannot be read (${detail})`,
}

const meanings: Readonly<Record<string, Meaning>> = {
  UND_ERR_CONNECT_TIMEOUT: {
    code: 'CONNECT_TIMEOUT',
    mayHaveRun: false,
    text: (facts) => `${host(facts)} did not take the connection in time`,
  },
  UND_ERR_HEADERS_TIMEOUT: {
    code: 'ANSWER_TIMEOUT',
    mayHaveRun: true,
    text: (facts) => `${host(facts)} did not begin its answer in time`,
  },
  UND_ERR_BODY_TIMEOUT: {
    code: 'ANSWER_STALLED',
    mayHaveRun: true,
    text: (facts) => `the answer of ${host(facts)} stopped in the middle`,
  },
  UND_ERR_HEADERS_OVERFLOW: unreadable,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: interrupted,
  UND_ERR_SOCKET: interrupted,
  ECONNRESET: interrupted,
  EPIPE: interrupted,
  ECONNABORTED: interrupted,
  ETIMEDOUT: interrupted,
  ERR_STREAM_PREMATURE_CLOSE: interrupted,
  ERR_ENCODING_INVALID_ENCODED_DATA: unreadable,
  EPROTO: tlsFailed,
}

const certificatePattern =
  /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA)/
const parserPattern = /^(HPE|Z_)/

interface FailureFacts {
  readonly code: string
  /** `connect` and `getaddrinfo` happen before anything is sent. */
  readonly syscall: string
}

function failureFacts(error: unknown): FailureFacts {
  if (error instanceof AggregateError && error.errors.length > 0) return failureFacts(error.errors[0])
  if (!(error instanceof Error)) return { code: '', syscall: '' }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const syscall = 'syscall' in error && typeof error.syscall === 'string' ? error.syscall : ''
  // The parser of answers has no code for some of its complaints.
  return { code: code || (error.name === 'HTTPParserError' ? 'HPE' : ''), syscall }
}

function meaningOf({ code, syscall }: FailureFacts): Meaning | null {
  if (syscall === 'getaddrinfo') return unknownHost
  if (syscall === 'connect') return unreachable
  if (certificatePattern.test(code)) return tlsFailed
  if (parserPattern.test(code)) return unreadable
  return meanings[code] ?? null
}

/**
 * What a failed exchange means. The message names connection and host; `data.mayHaveRun` says whether the server may
 * have carried the request out. What was sent, and what the server wrote, is never repeated.
 */
export function toHttpError(error: unknown, facts: HttpFacts): SyncError {
  if (error instanceof SyncError) return error
  if (error instanceof AddressRefused) return addressRefused(error, facts)
  const found = failureFacts(error)
  const meaning = meaningOf(found)
  const detail = found.code || (error instanceof Error ? error.name : 'unknown')
  const text = meaning ? meaning.text(facts, detail) : `the request to ${host(facts)} failed (${detail})`
  return new SyncError(meaning?.code ?? 'INTERNAL', `Connection ${facts.connection}: ${text}`, {
    // What cannot be read is kept by some errors, and may hold anything.
    ...(meaning === unreadable ? {} : { cause: error }),
    data: { ...facts, reason: detail, mayHaveRun: meaning?.mayHaveRun ?? true },
  })
}

function addressRefused(error: AddressRefused, facts: HttpFacts): SyncError {
  const message = `Connection ${facts.connection}: ${host(facts)} is not connected to: ${error.message}`
  return new SyncError('ADDRESS_REFUSED', message, { data: { ...facts, mayHaveRun: false } })
}

/** An answer that is there but cannot be used; `reason` follows "the answer of HOST" and holds no text of the server. */
export function answerInvalid(facts: HttpFacts, reason: string, cause?: unknown): SyncError {
  return new SyncError(
    'ANSWER_INVALID',
    `Connection ${facts.connection}: the answer of ${host(facts)} ${reason}`,
    { data: { ...facts, mayHaveRun: true }, ...(cause === undefined ? {} : { cause }) },
  )
}

/** The answer is longer than allowed; `limit` in bytes, counted after decompression. */
export function answerTooLarge(facts: HttpFacts, limit: number): SyncError {
  return new SyncError(
    'ANSWER_TOO_LARGE',
    `Connection ${facts.connection}: the answer of ${host(facts)} has more than ${limit} bytes`,
    { data: { ...facts, limit, mayHaveRun: true } },
  )
}

export function redirectRefused(facts: HttpFacts, status: number): SyncError {
  return new SyncError(
    'REDIRECT_REFUSED',
    `Connection ${facts.connection}: ${host(facts)} wants to send the request elsewhere (status ${status})`,
    { data: { ...facts, status, mayHaveRun: false } },
  )
}

/** The whole answer took longer than allowed, however steadily it came. */
export function answerTooSlow(facts: HttpFacts, limitMs: number): SyncError {
  return new SyncError(
    'ANSWER_STALLED',
    `Connection ${facts.connection}: ${host(facts)} needed more than ${limitMs} ms for its answer`,
    { data: { ...facts, limitMs, mayHaveRun: true } },
  )
}

/** The work was told to stop (shutdown): not a failure of the connection, and to be repeated later. */
export function stoppedError(facts: HttpFacts): SyncError {
  return new SyncError(
    'CONNECTION_INTERRUPTED',
    `Connection ${facts.connection}: stopped before the answer was complete`,
    { data: { ...facts, stopped: true, mayHaveRun: true } },
  )
}

/** Whether a request that ended in this error may have been carried out all the same. */
export function mayHaveRun(error: unknown): boolean {
  return !(error instanceof SyncError) || error.data['mayHaveRun'] !== false
}

/** The same error, for a request that has certainly not left. */
export function notSent(error: SyncError): SyncError {
  return withMayHaveRun(error, false)
}

/** The last sending has not arrived, but an earlier one may have. */
export function inDoubt(error: SyncError): SyncError {
  return mayHaveRun(error) ? error : withMayHaveRun(error, true)
}

function withMayHaveRun(error: SyncError, value: boolean): SyncError {
  const { code, message, kind, cause, data, retryAfterMs } = error
  return new SyncError(code, message, {
    kind,
    cause,
    data: { ...data, mayHaveRun: value },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}
