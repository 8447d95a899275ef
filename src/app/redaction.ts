import { SyncError } from '../core/errors.ts'
import { withoutCredentials } from '../lib/credentials.ts'

const secretName =
  /password|passwd|secret|authorization|cookie|api[-_]?key|private[-_]?key|(^|access|refresh|id|bearer)[-_]?token$/i
const maxDepth = 6
const hidden = '[hidden]'

/** A copy of the facts of a log line that is safe to keep: secrets hidden, errors as plain objects. */
export function redact(facts: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, redactField(name, value, 0)]))
}

function redactField(name: string, value: unknown, depth: number): unknown {
  if (!secretName.test(name) || value === null || value === undefined) return redactValue(value, depth + 1)
  // A fencing token is a number and no secret.
  return name === 'token' && /^\d+$/.test(String(value)) ? String(value) : hidden
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return withoutCredentials(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (depth > maxDepth) return '…'
  if (value instanceof URL) return withoutCredentials(value.href)
  if (value instanceof Error) return describeError(value, depth)
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1))
  if (value instanceof Map) return redactValue(Object.fromEntries(value), depth)
  if (value instanceof Set) return redactValue([...value], depth)
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, redactField(name, inner, depth)]),
  )
}

/** Only fields known to hold no record data; a stack only where a bug is likely. */
function describeError(error: Error, depth: number): Record<string, unknown> {
  const expected = error instanceof SyncError && error.code !== 'INTERNAL'
  return {
    type: error.name,
    message: withoutCredentials(error.message),
    ...('code' in error ? { code: error.code } : {}),
    ...(error instanceof SyncError ? { kind: error.kind, data: redactValue(error.data, depth + 1) } : {}),
    ...(expected ? {} : { stack: withoutCredentials(error.stack ?? '') }),
    ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) }),
  }
}
