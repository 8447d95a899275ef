import type { Comparison } from '../../core/mapping/filter.ts'
import { decimals } from '../../core/values/decimal.ts'
import { rawOf, tagOf, type Value } from '../../core/values/value.ts'
import type { FilterDialect, FilterProperty } from './filter-dialect.ts'
import { odataLiteral, textLiteral } from './literal.ts'
import {
  allOf,
  anyOf,
  everything,
  nothing,
  notTranslatable,
  type ServerFilter,
  test,
} from './server-filter.ts'

const operators: Readonly<Record<Comparison, string>> = {
  '=': 'eq',
  '<>': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
}

/** A comparison of a property that is no text with a value; what it says about null is not defined. */
export function compareProperty(
  op: Comparison,
  value: NonNullable<Value>,
  property: FilterProperty,
  dialect: FilterDialect,
): ServerFilter {
  if (property.memberNames) return compareMember(op, rawOf(value), property)
  switch (property.type) {
    case 'Edm.Double':
    case 'Edm.Binary':
      return notTranslatable
    case 'Edm.Decimal':
      return isPlain(value) && decimals(rawOf(value)) <= (property.scale ?? Number.POSITIVE_INFINITY)
        ? simple(op, value, property)
        : notTranslatable
    case 'Edm.Date':
      return rawOf(value) < dialect.earliestDate ? notTranslatable : simple(op, value, property)
    case 'Edm.DateTimeOffset':
      return compareTime(op, value, property, dialect)
    default:
      return simple(op, value, property)
  }
}

function isPlain(value: NonNullable<Value>): boolean {
  return /^-?\d+(\.\d+)?$/.test(rawOf(value))
}

function simple(op: Comparison, value: NonNullable<Value>, property: FilterProperty): ServerFilter {
  try {
    return test(
      property.name,
      `${property.name} ${operators[op]} ${odataLiteral(value, property.type)}`,
      true,
    )
  } catch (error) {
    // A value that the type cannot hold: the server would refuse it, so it is compared here.
    if (error instanceof RangeError) return notTranslatable
    throw error
  }
}

/** Members are named; names with escapes are refused by servers in filters (connectors.md B.11). */
function compareMember(op: Comparison, raw: string, property: FilterProperty): ServerFilter {
  const name = property.memberNames?.get(raw)
  if (name === undefined || !/^\w+$/.test(name) || /_x[0-9a-f]{4}_/i.test(name)) return notTranslatable
  if (op !== '=' && op !== '<>') return notTranslatable
  return test(property.name, `${property.name} ${operators[op]} ${textLiteral(name)}`, true)
}

/**
 * Times are shown with fewer digits than they may be kept with, so every comparison is put in terms of "before" and "not
 * before" whole units: a record that shows 08:00:00 lies in [08:00:00, 08:00:01).
 */
function compareTime(
  op: Comparison,
  value: NonNullable<Value>,
  property: FilterProperty,
  dialect: FilterDialect,
): ServerFilter {
  if (rawOf(value) < dialect.earliestDate) return notTranslatable
  if (property.scale === null) return simple(op, value, property)
  const unit = wholeUnit(value, property.scale)
  if (unit === null) return notTranslatable
  const before = (bound: NonNullable<Value>) => simple('<', bound, property)
  const notBefore = (bound: NonNullable<Value>) => simple('>=', bound, property)
  switch (op) {
    case '<':
      return before(unit.isWhole ? unit.begin : unit.end)
    case '<=':
      return before(unit.end)
    case '>':
      return notBefore(unit.end)
    case '>=':
      return notBefore(unit.isWhole ? unit.begin : unit.end)
    case '=':
      return unit.isWhole ? allOf([notBefore(unit.begin), before(unit.end)], dialect) : nothing
    case '<>':
      return unit.isWhole ? anyOf([before(unit.begin), notBefore(unit.end)], dialect) : everything
  }
}

interface Unit {
  readonly begin: NonNullable<Value>
  readonly end: NonNullable<Value>
  /** The value is the begin itself. */
  readonly isWhole: boolean
}

/** The unit of time a value lies in, its digits at most 3; null where it or its end cannot be written. */
function wholeUnit(value: NonNullable<Value>, digits: number): Unit | null {
  const raw = rawOf(value).replace(/Z$/, '')
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?$/.exec(raw)
  if (!match || digits > 3) return null
  const [, seconds = '', fraction = ''] = match
  const shown = fraction.slice(0, digits).padEnd(3, '0')
  const beginMs = Date.parse(`${seconds}.${shown}Z`)
  const endMs = beginMs + 10 ** (3 - digits)
  const last = Date.parse('9999-12-31T23:59:59.999Z')
  if (Number.isNaN(beginMs) || endMs > last) return null
  const at = (ms: number): NonNullable<Value> => {
    const iso = new Date(ms).toISOString()
    return tagOf(value) === 'moment' ? `moment:${iso.slice(0, -1)}` : `instant:${iso}`
  }
  return { begin: at(beginMs), end: at(endMs), isWhole: /^0*$/.test(fraction.slice(digits)) }
}
