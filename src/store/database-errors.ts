import { DrizzleQueryError } from 'drizzle-orm/errors'
import { type ErrorCode, SyncError } from '../core/errors.ts'

/** Postgres error fields that the store looks at. */
interface PostgresFailure {
  readonly code: string
  readonly constraint: string | undefined
  readonly message: string
}

/**
 * The driver's own error. Drizzle's wrapper repeats query and parameters in its message, that is whole records: it
 * never leaves the store.
 */
function unwrapQueryError(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? (error.cause ?? new Error('Query failed')) : error
}

/** What Postgres or the socket said, or null when the error is of another kind. */
function findPostgresFailure(error: unknown): PostgresFailure | null {
  const cause = unwrapQueryError(error)
  if (!(cause instanceof Error) || cause instanceof SyncError) return null
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const constraint =
    'constraint' in cause && typeof cause.constraint === 'string' ? cause.constraint : undefined
  return { code, constraint, message: cause.message }
}

export function violates(error: unknown, ...constraints: readonly string[]): boolean {
  const constraint = findPostgresFailure(error)?.constraint
  return constraint !== undefined && constraints.includes(constraint)
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
])
/** What TLS says about a certificate. */
const untrusted =
  /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA)/
const interrupted = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', '53300', '57P01', '57P02', '57P03', '25P03'])
const collided = new Set(['40001', '40P01', '55P03'])

function connectionCode({ code, message }: PostgresFailure): ErrorCode | null {
  if (unreachable.has(code)) return 'CONNECTION_REFUSED'
  if (code === '28P01' || code === '28000' || /^SASL|password authentication/.test(message)) {
    return 'CONNECTION_SIGN_IN_FAILED'
  }
  if (untrusted.test(code)) return 'TLS_FAILED'
  if (code === '3D000') return 'CONNECTION_NOT_FOUND'
  if (code === '42501') return 'PRIVILEGE_MISSING'
  if (interrupted.has(code) || collided.has(code) || code.startsWith('08')) return 'CONNECTION_INTERRUPTED'
  return /^Connection terminated|^Query read timeout|connection timeout|timeout exceeded when trying to connect/i.test(
    message,
  )
    ? 'CONNECTION_INTERRUPTED'
    : null
}

const says = {
  CONNECTION_REFUSED: 'nobody answers at',
  CONNECTION_SIGN_IN_FAILED: 'the sign-in was refused by',
  TLS_FAILED: 'no trusted TLS connection to',
  CONNECTION_NOT_FOUND: 'there is no such database:',
  PRIVILEGE_MISSING: 'the user lacks a privilege on',
  CONNECTION_INTERRUPTED: 'the connection was interrupted to',
} as const satisfies Partial<Record<ErrorCode, string>>

/** Turns failures of the connection into SyncErrors that name DATABASE_URL and the server; gives back all others bare. */
export function translateDatabaseError(error: unknown, server: string): unknown {
  const failure = findPostgresFailure(error)
  const code = failure && connectionCode(failure)
  if (!failure || !code || !(code in says)) return unwrapQueryError(error)
  const sentence = says[code as keyof typeof says]
  const reason = failure.message || failure.code
  return new SyncError(code, `DATABASE_URL: ${sentence} ${server} (${reason})`, {
    data: { variable: 'DATABASE_URL', server },
    cause: unwrapQueryError(error),
  })
}

/** The same object, whose methods throw translated errors. */
export function withTranslatedErrors<T extends object>(repository: T, server: string): T {
  return new Proxy(repository, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...args: unknown[]) => {
        try {
          return await Reflect.apply(member, target, args)
        } catch (error) {
          throw translateDatabaseError(error, server)
        }
      }
    },
  })
}
