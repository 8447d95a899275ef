import type { FastifySchemaValidationError } from 'fastify'
import type { FieldProblem } from './contract/problem.ts'

const SHOWN_CHARACTERS = 100

/** What the schemas found wrong, as field, value, reason and remedy. `sent` is the part of the request as it came. */
export function describeIssues(
  issues: readonly FastifySchemaValidationError[],
  sent: unknown,
): readonly FieldProblem[] {
  return issues.flatMap((issue) => {
    const path = issue.instancePath.split('/').filter((part) => part !== '')
    const unknownKeys = issue.params['keys']
    if (issue.keyword === 'unrecognized_keys' && Array.isArray(unknownKeys))
      return unknownKeys.map((key) => describeUnknown([...path, String(key)], sent))
    return [describeIssue(issue, path, sent)]
  })
}

function describeUnknown(path: readonly string[], sent: unknown): FieldProblem {
  return {
    field: nameOf(path),
    value: show(valueAt(sent, path), path),
    reason: 'there is no such field',
    remedy: 'Remove it.',
  }
}

function describeIssue(
  issue: FastifySchemaValidationError,
  path: readonly string[],
  sent: unknown,
): FieldProblem {
  const value = valueAt(sent, path)
  const expected = (issue.message ?? 'not accepted').replace(/^Invalid (input|option): /, '')
  const reason = expected.replace(/, received undefined$/, '')
  return value === undefined
    ? { field: nameOf(path), value: null, reason: `missing: ${reason}`, remedy: 'Add it.' }
    : { field: nameOf(path), value: show(value, path), reason, remedy: 'Correct the value.' }
}

/** Parts of a request whose values are shown to nobody, not even to who has sent them. */
const secretParts = /^(password|secrets|settings)$/

function nameOf(path: readonly string[]): string {
  return path.length === 0 ? '(whole)' : shorten(path.join('.'))
}

function valueAt(sent: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined,
    sent,
  )
}

function show(value: unknown, path: readonly string[]): string | null {
  if (value === undefined || path.some((part) => secretParts.test(part))) return null
  return shorten(typeof value === 'string' ? value : JSON.stringify(value))
}

function shorten(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
}
