import { type ErrorCode, type Problem, problem } from '../../core/errors.ts'
import { rawOf, type Value, type Values } from '../../core/values/value.ts'
import type { Column } from './columns.ts'
import { errorFacts } from './connection-errors.ts'
import type { TableShape } from './shape.ts'

/** Failures of the connection, the server or the transaction: they say nothing about a record. */
const serverPattern = /^(08|25|40|53|55P03$|55006$|57|58|XX)/
/** Failures of our own statement, unless a trigger has raised them on purpose: it looks at records. */
const statementPattern = /^(0A|26|28|34|3D|3F|42|55)/
const rowSecurityPattern = /row-level security/

/** True when a row stayed locked by somebody else for longer than `lock_timeout`. */
export function isLockTimeout(error: unknown): boolean {
  return errorFacts(error).code === '55P03'
}

export function isUniqueViolation(error: unknown): boolean {
  return errorFacts(error).code === '23505'
}

/** True when the key of the table is what is not unique. */
export function isKeyTaken({ schema }: TableShape, error: unknown): boolean {
  const [, columns = ''] = /^Key \((.+?)\)=\(/.exec(driverText(error, 'detail') ?? '') ?? []
  const names = columns.split(', ').map((name) => name.replace(/^"(.*)"$/, '$1'))
  return isUniqueViolation(error) && names.join() === schema.keyFields.join()
}

/** True when one record of the statement caused the error, so that the others can still be written. */
export function isRecordError(error: unknown): boolean {
  const { code, message } = errorFacts(error)
  if (!/^[0-9A-Z]{5}$/.test(code) || /^E[A-Z]/.test(code) || serverPattern.test(code)) return false
  if (code === '42501' && rowSecurityPattern.test(message)) return true
  return !statementPattern.test(code) || isRaised(driverText(error, 'where') ?? '')
}

/** By the innermost line of the context, `PL/pgSQL function check() line 3 at RAISE`, in whatever language around these words. */
function isRaised(context: string): boolean {
  const [line = ''] = context.split('\n', 1)
  const at = line.indexOf('PL/pgSQL')
  return at >= 0 && /\bRAISE\b/.test(line.slice(at))
}

const problemCodes: Readonly<Record<string, ErrorCode>> = {
  '22001': 'VALUE_TRUNCATED',
  '22003': 'VALUE_NOT_CONVERTIBLE',
  '22007': 'VALUE_NOT_CONVERTIBLE',
  '22008': 'VALUE_NOT_CONVERTIBLE',
  '22021': 'VALUE_NOT_CONVERTIBLE',
  '22P02': 'VALUE_NOT_CONVERTIBLE',
  '22P03': 'VALUE_NOT_CONVERTIBLE',
  '22P05': 'VALUE_NOT_CONVERTIBLE',
  '23502': 'VALUE_MISSING',
  '23505': 'POSSIBLE_DUPLICATE',
}

/** What is wrong with the one record whose statement failed: the field, its value and the server's own words. */
export function recordProblem(shape: TableShape, values: Values, error: unknown): Problem {
  const { code, message } = errorFacts(error)
  const field = findField(shape, values, error)
  const detail =
    code.startsWith('23') && code !== '23514' && code !== '23502' ? driverText(error, 'detail') : null
  const words = `${shape.schema.table}: ${message}${detail ? ` (${detail})` : ''}`
  const value = field === null ? null : (values[field] ?? null)
  return problem(problemCodes[code] ?? 'VALUE_REFUSED', shorten(words, 500), {
    field,
    value: value === null ? null : shorten(rawOf(value), 200),
  })
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`.toWellFormed()
}

function driverText(error: unknown, name: 'column' | 'constraint' | 'detail' | 'where'): string | null {
  const found: unknown = error instanceof Error ? Reflect.get(error, name) : null
  return typeof found === 'string' ? found : null
}

/** The server names the column for some errors only; for the others it is the field whose value cannot fit. */
function findField(shape: TableShape, values: Values, error: unknown): string | null {
  const column = driverText(error, 'column') ?? columnOfDetail(error) ?? columnOfConstraint(shape, error)
  if (column !== null) return shape.columns.has(column) ? column : null
  const { code, message } = errorFacts(error)
  const names = Object.keys(values)
  const suspect = names.find((name) => {
    const found = shape.columns.get(name)
    return found !== undefined && isSuspect(code, found, values[name] ?? null)
  })
  return suspect ?? names.find((name) => isQuoted(message, values[name] ?? null)) ?? null
}

/** `Key (email)=(a@b.c) already exists.` */
function columnOfDetail(error: unknown): string | null {
  const [, column] = /^Key \("?([^,)]+?)"?\)=/.exec(driverText(error, 'detail') ?? '') ?? []
  return column ?? null
}

/** Checks that were given no name of their own are called `table_column_check`. */
function columnOfConstraint(shape: TableShape, error: unknown): string | null {
  const constraint = driverText(error, 'constraint')
  if (constraint === null) return null
  const named = [...shape.columns.keys()].filter((name) => constraint.includes(`_${name}_`))
  return named.sort((a, b) => b.length - a.length)[0] ?? null
}

function isSuspect(code: string, { field }: Column, value: Value): boolean {
  if (value === null) return false
  const { type } = field
  const raw = rawOf(value)
  if (code === '22001' && (type.kind === 'text' || type.kind === 'code')) {
    return type.maxLength !== null && Array.from(raw).length > type.maxLength
  }
  if (code !== '22003') return false
  if (type.kind === 'integer') return BigInt.asIntN(type.bits, BigInt(raw)) !== BigInt(raw)
  if (type.kind !== 'decimal' || type.precision === null) return false
  return raw.replace(/^-|\..*$/g, '').length > type.precision - (type.scale ?? 0)
}

function isQuoted(message: string, value: Value): boolean {
  const raw = rawOf(value)
  return raw !== '' && message.includes(`"${raw}"`)
}
