import { type ErrorCode, type Problem, problem } from '../../core/errors.ts'
import type { WriteOperation, WriteResult } from '../../core/ports/connector.ts'
import { rawOf, type Value, type Values } from '../../core/values/value.ts'
import type { ODataFailure } from '../odata/failure.ts'
import type { TableShape } from './shape.ts'

/** What a refused write means; `look`: only a look at the record tells (`judgeAfterLook`). */
export type Verdict = WriteResult | { readonly status: 'look' }

/** The three meanings of status 412, and what else is told by code (connectors.md A.9). */
const versionMismatch = '0x80060882'
const codes: Readonly<Record<string, ErrorCode>> = {
  '0x80060892': 'POSSIBLE_DUPLICATE',
  '0x80040333': 'POSSIBLE_DUPLICATE',
  '0x80044331': 'VALUE_TRUNCATED',
  '0x80040203': 'VALUE_MISSING',
  '0x80044330': 'VALUE_REFUSED',
  '0x8004431a': 'VALUE_REFUSED',
  '0x80048408': 'VALUE_REFUSED',
}

const failed = {
  insert: 'INSERT_FAILED',
  update: 'MODIFY_FAILED',
  delete: 'DELETE_FAILED',
} as const satisfies Record<WriteOperation['kind'], ErrorCode>

/** What one refused operation of a batch means, by status and code; the others are not touched by it. */
export function judgeFailure(shape: TableShape, operation: WriteOperation, failure: ODataFailure): Verdict {
  const { status, retryAfterMs } = failure
  const code = failure.code.toLowerCase()
  const known = codes[code]
  if (known !== undefined) return rejected(shape, operation, failure, known)
  if (status === 412) {
    // A key that is taken, perhaps by this very record; of an update it speaks about another one.
    if (operation.kind === 'insert') return { status: 'look' }
    return code === versionMismatch || code === ''
      ? { status: 'version-mismatch' }
      : rejected(shape, operation, failure, 'POSSIBLE_DUPLICATE')
  }
  // The record itself, or one that a lookup was to lead to.
  if (status === 404 && operation.kind !== 'insert') return { status: 'look' }
  if (status === 404) return rejected(shape, operation, failure, 'VALUE_REFUSED')
  if (status === 403) return rejected(shape, operation, failure, 'PRIVILEGE_MISSING')
  if (status === 429 || status === 408 || status >= 500) {
    const transient = status === 429 ? 'THROTTLED' : 'SERVICE_FAILED'
    return rejected(shape, operation, failure, transient, retryAfterMs)
  }
  return rejected(shape, operation, failure, failed[operation.kind])
}

/** The same, when the record has been looked at: it was not there where `exists` is false. */
export function judgeAfterLook(
  shape: TableShape,
  operation: WriteOperation,
  failure: ODataFailure,
  exists: boolean,
): WriteResult {
  if (operation.kind === 'insert') return rejected(shape, operation, failure, 'POSSIBLE_DUPLICATE')
  if (!exists) return { status: 'missing' }
  return rejected(shape, operation, failure, operation.kind === 'update' ? 'VALUE_REFUSED' : 'DELETE_FAILED')
}

function rejected(
  shape: TableShape,
  operation: WriteOperation,
  failure: ODataFailure,
  code: ErrorCode,
  retryAfterMs: number | null = null,
): WriteResult {
  const values = operation.kind === 'delete' ? {} : operation.values
  const field = suspect(shape, values, failure, code)
  const said = failure.message || `status ${failure.status}${failure.code ? `, ${failure.code}` : ''}`
  return refuse(code, `${shape.schema.table}: ${said}`, {
    field,
    value: field === null ? null : (values[field] ?? null),
    retryAfterMs,
  })
}

/** The result of an operation that cannot be carried out. */
export function refuse(
  code: ErrorCode,
  message: string,
  at: {
    readonly field: string | null
    readonly value?: Value
    readonly retryAfterMs?: number | null
  },
): Extract<WriteResult, { status: 'rejected' }> {
  const { field, value = null, retryAfterMs = null } = at
  const shown = value === null ? null : shorten(rawOf(value), 200)
  const found: Problem = problem(code, message, {
    field,
    value: shown,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  })
  return { status: 'rejected', problem: found }
}

function shorten(raw: string, length: number): string {
  return raw.length <= length ? raw : `${raw.slice(0, length - 1)}…`.toWellFormed()
}

/** The field a person has to look at: by what cannot fit, else by what the message names. Null: nobody knows. */
function suspect(
  shape: TableShape,
  values: Values,
  { message }: ODataFailure,
  code: ErrorCode,
): string | null {
  const names = Object.keys(values)
  if (code === 'VALUE_TRUNCATED') {
    const long = names.find((name) => isTooLong(shape, name, values[name] ?? null))
    if (long !== undefined) return long
  }
  const words = new Set(message.match(/[a-z0-9_]+/gi) ?? [])
  if (code === 'VALUE_MISSING') {
    const fields = [...shape.schema.fields.values()].filter(
      ({ name, nullable, writable }) =>
        writable && !nullable && name !== shape.key.field.name && (values[name] ?? null) === null,
    )
    return (fields.find(({ name }) => words.has(name)) ?? fields[0])?.name ?? null
  }
  if (code === 'POSSIBLE_DUPLICATE') {
    const keys = shape.alternateKeys.filter((key) => key.some((name) => names.includes(name)))
    const key = keys.find((each) => each.every((name) => message.includes(name))) ?? keys[0]
    return key?.find((name) => names.includes(name)) ?? null
  }
  const lookup = names.find((name) => shape.columns.get(name)?.targets && isNamed(message, values[name]))
  return lookup ?? names.find((name) => words.has(name)) ?? null
}

function isTooLong(shape: TableShape, name: string, value: Value): boolean {
  const type = shape.columns.get(name)?.field.type
  return type?.kind === 'text' && type.maxLength !== null && rawOf(value).length > type.maxLength
}

function isNamed(message: string, value: Value | undefined): boolean {
  return value !== null && value !== undefined && message.toLowerCase().includes(rawOf(value))
}
