import { type ErrorCode, SyncError } from '../core/errors.ts'

/** What goes into the message of a queue that cannot be reached; neither holds a credential. */
export interface QueuePlace {
  readonly variable: string
  readonly shown: string
}

const connectionCodes =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOENT|08...|57P0.|53300)$/
const connectionMessages =
  /Connection is closed|Connection terminated|max retries per request|timeout exceeded|isn't writeable|ECONNREFUSED|All sentinels are unreachable|Failed to refresh slots cache|^(LOADING|CLUSTERDOWN|READONLY|MASTERDOWN) |has ended|after calling end|no usable connection/i

const otherCauses: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^(28P01|28000)$|^(NOAUTH|WRONGPASS)\b/, 'CONNECTION_SIGN_IN_FAILED'],
  [
    /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA)/,
    'TLS_FAILED',
  ],
  [/^3D000$/, 'CONNECTION_NOT_FOUND'],
  [/^42501$|^NOPERM\b/, 'PRIVILEGE_MISSING'],
]

/**
 * Turns what a driver throws into a SyncError that names the variable and host:port; an error that has nothing to do
 * with reaching the server is a bug and comes back as it is.
 */
export function toQueueError(error: unknown, place: QueuePlace): unknown {
  if (error instanceof SyncError) return error
  const { code, message } = readDriverError(error)
  const other = otherCauses.find(([pattern]) => pattern.test(code) || pattern.test(message))
  if (other)
    return new SyncError(other[1], `Queue at ${place.shown} (${place.variable}): ${message}`, dataOf(place))
  if (!connectionCodes.test(code) && !connectionMessages.test(message)) return error
  return unavailable(place, message || code)
}

/** Runs an operation on the queue; a server that cannot be reached becomes QUEUE_UNAVAILABLE. */
export async function reachQueue<T>(place: QueuePlace, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    throw toQueueError(error, place)
  }
}

export function unavailable(place: QueuePlace, why: string): SyncError {
  return new SyncError(
    'QUEUE_UNAVAILABLE',
    `The queue at ${place.shown} (${place.variable}) cannot be reached: ${why}`,
    dataOf(place),
  )
}

const dataOf = (place: QueuePlace) => ({ data: { variable: place.variable, address: place.shown } })

/** Node reports a refused name with several addresses as an AggregateError whose own message is empty. */
function readDriverError(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const inner = error instanceof AggregateError ? error.errors.find((one) => one instanceof Error) : undefined
  return { code, message: error.message || (inner instanceof Error ? inner.message : '') }
}
