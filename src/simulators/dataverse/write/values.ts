import { type Cell, comparable, roundDecimal } from '../../kit/cells.ts'
import { type JsonValue, NumberText } from '../../kit/json.ts'
import type { Column } from '../entities/definition.ts'
import type { EntityModel } from '../entities/model.ts'
import type { Organization } from '../organization.ts'
import { problems } from '../problems.ts'

/** The cell for a value of a body; throws what Dataverse says of one that does not fit (connectors.md A.9, A.12). */
export function cellFrom(
  organization: Organization,
  model: EntityModel,
  column: Column,
  value: JsonValue,
): Cell {
  if (value === null) return null
  switch (column.kind) {
    case 'text':
    case 'memo':
      return textFrom(model, column, value)
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse(column, value, 'Edm.Boolean')
    case 'choice':
    case 'state':
    case 'status':
      return optionFrom(organization, model, column, value)
    case 'int':
    case 'decimal':
    case 'money':
      return numberFrom(model, column, value)
    case 'date':
      return typeof value === 'string' && isDate(value) ? value : refuse(column, value, 'Edm.Date')
    case 'datetime':
    case 'moment':
      return instantFrom(column, value)
    case 'key':
      return typeof value === 'string' && isGuid(value)
        ? value.toLowerCase()
        : refuse(column, value, 'Edm.Guid')
    default:
      return refuse(column, value, 'a value')
  }
}

export function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
}

/** An empty text is stored as null. */
function textFrom(model: EntityModel, column: Column, value: JsonValue): Cell {
  if (typeof value !== 'string') return refuse(column, value, 'Edm.String')
  if (column.maxLength !== null && value.length > column.maxLength) {
    throw problems.tooLong(column.name, model.logicalName, column.maxLength)
  }
  return value === '' ? null : value
}

function optionFrom(organization: Organization, model: EntityModel, column: Column, value: JsonValue): Cell {
  if (!(value instanceof NumberText)) return refuse(column, value, 'Edm.Int32')
  const accepted = organization.optionsOf(model.logicalName, column).map((option) => option.value)
  const number = Number(value.text)
  if (!accepted.includes(number)) throw problems.noOption(column.name, model.logicalName, accepted)
  return number
}

function numberFrom(model: EntityModel, column: Column, value: JsonValue): Cell {
  const isInt = column.kind === 'int'
  const pattern = isInt ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/
  const text = value instanceof NumberText ? plainNumber(value.text) : null
  if (text === null || !pattern.test(text)) return refuse(column, value, isInt ? 'Edm.Int32' : 'Edm.Decimal')
  const size = comparable('decimal', text) ?? 0n
  const limit = (bound: number) => comparable('decimal', bound.toFixed(10)) ?? 0n
  const isOutside =
    (column.min !== null && size < limit(column.min)) || (column.max !== null && size > limit(column.max))
  if (isOutside) throw problems.outOfRange(column.name, model.logicalName)
  return isInt ? Number(text) : roundDecimal(text, column.scale)
}

/** A number without exponent. */
function plainNumber(text: string): string {
  return /e/i.test(text) ? Number(text).toFixed(10) : text
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))
}

const earliestMs = Date.UTC(1753, 0, 1)

/** Whole seconds; a time without an offset is refused, as is one before 1753. */
function instantFrom(column: Column, value: JsonValue): Cell {
  const hasOffset = typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/i.test(value)
  const ms = hasOffset ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms) || ms < earliestMs) return refuse(column, value, 'Edm.DateTimeOffset')
  return Math.floor(ms / 1_000) * 1_000
}

function refuse(column: Column, value: JsonValue, type: string): never {
  const shown = value instanceof NumberText ? value.text : JSON.stringify(value)
  throw problems.payload(
    `Cannot convert the literal '${shown}' to the expected type '${type}' for '${column.name}'.`,
  )
}
