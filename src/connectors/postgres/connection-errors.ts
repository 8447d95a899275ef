import { type ErrorCode, SyncError } from '../../core/errors.ts'

/** Where a connection leads, without anything secret. */
export interface ConnectionFacts {
  readonly name: string
  /** The variable or setting that holds the address. */
  readonly urlSource: string
  readonly host: string
  readonly port: string
  readonly database: string
  readonly user: string
}

/** Reads an address for messages; throws CONFIG_INVALID without repeating the text, which may hold a password. */
export function describeUrl(name: string, urlSource: string, url: string): ConnectionFacts {
  if (!isPostgresUrl(url)) {
    const message = `${urlSource} (connection ${name}) is not an address like postgres://user:password@host:5432/database`
    throw new SyncError('CONFIG_INVALID', message, { data: { connection: name, setting: urlSource } })
  }
  const parsed = new URL(url)
  const user = decodeURIComponent(parsed.username)
  return {
    name,
    urlSource,
    host: parsed.searchParams.get('host') ?? (parsed.hostname || 'localhost'),
    port: parsed.port || '5432',
    database: decodeURIComponent(parsed.pathname.slice(1)) || user,
    user,
  }
}

function isPostgresUrl(url: string): boolean {
  try {
    return /^postgres(ql)?:$/.test(new URL(url).protocol) && decodeURI(url) !== ''
  } catch {
    return false
  }
}

/** The parts of a driver or socket error that decide what it means. */
export interface ErrorFacts {
  readonly code: string
  readonly message: string
}

export function errorFacts(error: unknown): ErrorFacts {
  if (error instanceof AggregateError && error.errors.length > 0) return errorFacts(error.errors[0])
  if (!(error instanceof Error)) return { code: '', message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return { code, message: error.message }
}

const privileges: Readonly<Record<string, string>> = {
  schema: 'USAGE',
  sequence: 'USAGE',
  function: 'EXECUTE',
  procedure: 'EXECUTE',
}

/** The server says where something is denied, and not which privilege is missing: that follows from the statement. */
export function withPrivilege(error: unknown, sql: string): unknown {
  const { code, message } = errorFacts(error)
  const [, kind] = /^permission denied for (\w+)/.exec(message) ?? []
  if (code !== '42501' || kind === undefined || !(error instanceof Error)) return error
  const [verb = ''] = /\b(INSERT|UPDATE|DELETE)\b/.exec(sql) ?? ['SELECT']
  const privilege = privileges[kind] ?? verb
  return Object.assign(error, { message: `${message}: the privilege ${privilege} is missing` })
}

interface Meaning {
  readonly code: ErrorCode
  /** Follows `Connection NAME: `. */
  readonly text: (facts: ConnectionFacts, message: string) => string
}

const at = (facts: ConnectionFacts) => `${facts.host}:${facts.port}`
const because: Meaning['text'] = (facts, message) => `${at(facts)}/${facts.database}: ${message}`

const interrupted: Meaning = { code: 'CONNECTION_INTERRUPTED', text: because }
const unreachable: Meaning = {
  code: 'CONNECTION_REFUSED',
  text: (facts, message) => `${at(facts)} cannot be reached (${message})`,
}
const signInFailed: Meaning = {
  code: 'CONNECTION_SIGN_IN_FAILED',
  text: (facts, message) => `${at(facts)} does not let user ${facts.user} sign in (${message})`,
}

const meanings: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: { code: 'CONNECTION_REFUSED', text: (facts) => `nothing answers at ${at(facts)}` },
  ENOTFOUND: { code: 'HOST_UNKNOWN', text: (facts) => `the host ${facts.host} is unknown` },
  EAI_AGAIN: {
    code: 'HOST_UNKNOWN',
    text: (facts) => `the host ${facts.host} cannot be looked up now`,
  },
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: unreachable,
  ENOENT: unreachable,
  '53300': unreachable,
  '28P01': signInFailed,
  '28000': signInFailed,
  '3D000': {
    code: 'CONNECTION_NOT_FOUND',
    text: (facts) => `there is no database ${facts.database} at ${at(facts)}`,
  },
  '42501': {
    code: 'PRIVILEGE_MISSING',
    text: (facts, message) => `user ${facts.user} may not do this in ${facts.database}: ${message}`,
  },
  '25006': {
    code: 'PRIVILEGE_MISSING',
    text: (facts, message) => `${at(facts)} takes no writes: ${message}`,
  },
  '42P01': { code: 'TABLE_NOT_FOUND', text: because },
  '42703': { code: 'FIELD_NOT_FOUND', text: because },
  '0A000': { code: 'TABLE_NOT_USABLE', text: because },
  '428C9': { code: 'TABLE_NOT_USABLE', text: because },
  '55000': { code: 'TABLE_NOT_USABLE', text: because },
  '42P10': {
    code: 'KEY_NOT_FOUND',
    text: (facts, message) => `the key fields have no unique index in ${facts.database}: ${message}`,
  },
}

/** Classes and codes after which the same request may succeed: connection, conflict with others, resources, shutdown. */
const transientPattern = /^(08|40|53|57|58|55P03$|55006$|25P03$|ECONN|EPIPE|ENOTCONN|ERR_STREAM)/
const sslPattern = /certificate|SSL|TLS/
const connectTimeoutPattern = /timeout expired|connection timeout|timeout exceeded when trying to connect/
const lostPattern =
  /Connection terminated|Client has encountered a connection error|not queryable|Connection ended|Query read timeout/

function meaningOf({ code, message }: ErrorFacts): Meaning | null {
  const exact = meanings[code]
  if (exact) return exact
  if (transientPattern.test(code)) return interrupted
  if (connectTimeoutPattern.test(message)) return unreachable
  if (lostPattern.test(message)) return interrupted
  if (/SASL|password/.test(message)) return signInFailed
  return sslPattern.test(message) ? { ...unreachable, code: 'TLS_FAILED' } : null
}

/** What a failed statement or connection means; the message names connection, host, database and setting. */
export function toConnectionError(error: unknown, facts: ConnectionFacts): SyncError {
  if (error instanceof SyncError) return error
  const found = errorFacts(error)
  const meaning = meaningOf(found)
  const text = meaning ? meaning.text(facts, found.message) : because(facts, found.message)
  return new SyncError(
    meaning?.code ?? 'INTERNAL',
    `Connection ${facts.name} (${facts.urlSource}): ${text}`,
    {
      cause: error,
      data: {
        connection: facts.name,
        setting: facts.urlSource,
        host: facts.host,
        port: facts.port,
        database: facts.database,
        sqlState: found.code,
      },
    },
  )
}

/** The work was told to stop (shutdown): not a failure of the connection, and to be repeated later. */
export function stoppedError(facts: ConnectionFacts): SyncError {
  return new SyncError(
    'CONNECTION_INTERRUPTED',
    `Connection ${facts.name}: stopped before the answer was complete`,
    {
      data: { connection: facts.name, stopped: true },
    },
  )
}
