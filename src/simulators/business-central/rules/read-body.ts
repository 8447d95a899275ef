import type { Cell } from '../../kit/cells.ts'
import { type JsonObject, type JsonValue, NumberText } from '../../kit/json.ts'
import { refusals } from '../errors.ts'
import type { FieldType } from '../schema/field.ts'
import { unescapeMember } from '../schema/names.ts'
import type { Page } from '../schema/pages.ts'
import { fieldOf } from '../schema/tables.ts'
import { decimalOfToken } from './decimal.ts'

/** The values a request sends, by column of the table. Refuses what the page does not have, cannot write or cannot read. */
export function readBody(page: Page, body: JsonObject): ReadonlyMap<string, Cell> {
  const sent = new Map<string, Cell>()
  for (const [property, value] of Object.entries(body)) {
    // Annotations of the whole body, such as the version it was read with; there are no bindings here.
    if (property.startsWith('@')) continue
    const column = page.columns.get(property)
    const field = column === undefined ? undefined : fieldOf(page.table, column)
    if (column === undefined || field === undefined) {
      throw refusals.unknownProperty(property, `Microsoft.NAV.${page.entityType}`)
    }
    if (field.readOnly) throw refusals.readOnlyProperty(property)
    sent.set(column, readValue(property, field.type, value))
  }
  return sent
}

/** One value of a body as a cell. Throws 400 with the name of the property. */
export function readValue(property: string, type: FieldType, value: JsonValue): Cell {
  switch (type.kind) {
    case 'text':
      return bounded(string(property, value), type.length)
    case 'code':
      return bounded(string(property, value).trim().toUpperCase(), type.length)
    case 'boolean':
      if (typeof value !== 'boolean') throw refusals.wrongType(property, 'Edm.Boolean')
      return value
    case 'decimal':
      if (!(value instanceof NumberText)) throw refusals.wrongType(property, 'Edm.Decimal')
      return decimalOfToken(value.text)
    case 'integer':
      return wholeNumber(property, value)
    case 'bigInteger':
      return bigNumber(property, value)
    case 'option':
      return member(type.members, string(property, value))
    case 'date':
      return matching(property, value, /^\d{4}-\d{2}-\d{2}$/, 'Edm.Date', (text) => text)
    case 'dateTime':
      return matching(property, value, /^\d{4}-\d{2}-\d{2}T/, 'Edm.DateTimeOffset', withZone)
    case 'guid':
      return matching(property, value, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'Edm.Guid', (text) =>
        text.toLowerCase(),
      )
  }
}

function string(property: string, value: JsonValue): string {
  if (typeof value !== 'string') throw refusals.wrongType(property, 'Edm.String')
  return value
}

function bounded(text: string, length: number): string {
  const letters = [...text].length
  if (letters > length) throw refusals.tooLong(letters, length, text)
  return text
}

function wholeNumber(property: string, value: JsonValue): number {
  const number = value instanceof NumberText ? Number(value.text) : Number.NaN
  if (!Number.isInteger(number) || Math.abs(number) > 2 ** 31) throw refusals.wrongType(property, 'Edm.Int32')
  return number
}

function bigNumber(property: string, value: JsonValue): string {
  const text = value instanceof NumberText ? value.text : ''
  if (!/^-?\d{1,19}$/.test(text)) throw refusals.wrongType(property, 'Edm.Int64')
  return String(BigInt(text))
}

function member(members: readonly string[], text: string): string {
  const meant = unescapeMember(text)
  const found = members.find((each) => each === meant || (each === ' ' && meant === ''))
  if (found === undefined) throw refusals.notAnOption(text, members)
  return found
}

function matching(
  property: string,
  value: JsonValue,
  pattern: RegExp,
  expected: string,
  canonical: (text: string) => Cell,
): Cell {
  const text = string(property, value)
  const isDate = expected !== 'Edm.Guid'
  if (!pattern.test(text) || (isDate && Number.isNaN(Date.parse(text)))) {
    throw refusals.wrongType(property, expected)
  }
  return canonical(text)
}

/** Without an offset a time is read in the zone of the service, UTC (connectors.md B.11). */
function withZone(text: string): Cell {
  const zoned = /(Z|[+-]\d{2}:\d{2})$/i.test(text) ? text : `${text}Z`
  return Date.parse(zoned)
}
