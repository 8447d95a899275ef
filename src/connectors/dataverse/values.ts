import { dec, int, rawOf, text, type Value } from '../../core/values/value.ts'
import { type Json, jsonNumber, numberText } from '../odata/json.ts'
import type { ODataRow } from '../odata/page.ts'
import type { Column } from './column.ts'

/** Annotation that names the table a lookup leads to; to be asked for. */
export const lookupAnnotation = 'Microsoft.Dynamics.CRM.lookuplogicalname'

/** The value of a column in an answer; undefined where the row does not have it or it is of another type. */
export function readValue(column: Column, row: ODataRow): Value | undefined {
  if (column.typeOf !== null) return readTarget(column, row)
  const json = row[column.property]
  if (json === undefined) return undefined
  if (json === null) return null
  switch (column.field.type.kind) {
    case 'text':
      // An empty text is kept as null (connectors.md A.12).
      return typeof json === 'string' ? (json === '' ? null : text(json)) : undefined
    case 'uuid':
      return typeof json === 'string' ? `uuid:${json.toLowerCase()}` : undefined
    case 'boolean':
      return typeof json === 'boolean' ? `bool:${json}` : undefined
    case 'integer':
    case 'option':
      return attempt(json, int)
    case 'decimal':
      return attempt(json, dec)
    case 'date':
      return typeof json === 'string' && /^\d{4}-\d\d-\d\d$/.test(json) ? `date:${json}` : undefined
    case 'instant':
    case 'moment':
      return typeof json === 'string' ? readTime(json, column.field.type.kind) : undefined
    default:
      return undefined
  }
}

/** Without the annotation nobody knows where a lookup leads; a lookup that leads nowhere has none. */
function readTarget(column: Column, row: ODataRow): Value | undefined {
  const id = row[column.property]
  if (id === undefined || id === null) return id
  const table = row[`${column.property}@${lookupAnnotation}`]
  return typeof table === 'string' ? text(table) : undefined
}

function attempt(json: Json, make: (digits: string) => Value): Value | undefined {
  try {
    const digits = numberText(json)
    return digits === null ? undefined : make(digits)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function readTime(json: string, kind: 'instant' | 'moment'): Value | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(json)
  if (!match) return undefined
  const time = `${match[1]}.${(match[2] ?? '').padEnd(6, '0')}`
  return kind === 'instant' ? `instant:${time}Z` : `moment:${time}`
}

/** The value of a plain column (no lookup) in a body; its type is the column's. */
export function writeValue(column: Column, value: Value): Json {
  if (value === null) return null
  const raw = rawOf(value)
  switch (column.field.type.kind) {
    case 'boolean':
      return raw === 'true'
    case 'integer':
    case 'option':
    case 'decimal':
      return jsonNumber(raw)
    case 'instant':
      return withoutZeros(raw.slice(0, -1))
    case 'moment':
      return withoutZeros(raw)
    default:
      return raw
  }
}

/** A moment has no zone, but is written as if it had. */
function withoutZeros(time: string): string {
  return `${time.replace(/\.?0+$/, '')}Z`
}

/** What the service is known to make of a value: it cuts parts of seconds and keeps an empty text as null. */
export function asKept(column: Column, value: Value): Value {
  if (value === null || value === 'text:') return null
  const { kind } = column.field.type
  if (kind !== 'instant' && kind !== 'moment') return value
  const seconds = rawOf(value).slice(0, 19)
  return kind === 'instant' ? `instant:${seconds}.000000Z` : `moment:${seconds}.000000`
}
