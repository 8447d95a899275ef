import { type BoundFilter, type Comparison, opposite, type TextTest } from '../../core/mapping/filter.ts'
import type { Value } from '../../core/values/value.ts'
import { compareProperty } from './compare-property.ts'
import type { FilterDialect, FilterProperty } from './filter-dialect.ts'
import { allOf, anyOf, nothing, notTranslatable, type ServerFilter, test } from './server-filter.ts'

export type FilterProperties = ReadonlyMap<string, FilterProperty>

/**
 * The question to a server for a filter: never less than what the filter lets through (core/mapping/filter.ts says what
 * that is, null and letter case included). What the dialect cannot say widens it, and is no longer exact.
 */
export function toServerFilter(
  filter: BoundFilter,
  properties: FilterProperties,
  dialect: FilterDialect,
): ServerFilter {
  const whole = translate(filter, false, properties, dialect)
  const isTooLong = whole.kind === 'expression' && encodeURIComponent(whole.text).length > dialect.maxLength
  return isTooLong ? notTranslatable : whole
}

function translate(
  filter: BoundFilter,
  negated: boolean,
  properties: FilterProperties,
  dialect: FilterDialect,
): ServerFilter {
  if ('not' in filter) return translate(filter.not, !negated, properties, dialect)
  if ('and' in filter || 'or' in filter) {
    const parts = ('and' in filter ? filter.and : filter.or).map((part) =>
      translate(part, negated, properties, dialect),
    )
    return 'and' in filter !== negated ? allOf(parts, dialect) : anyOf(parts, dialect)
  }
  const property = properties.get(filter.field)
  return property ? leaf(filter, negated, property, dialect) : notTranslatable
}

type Leaf = Extract<BoundFilter, { field: string }>

function leaf(
  filter: Leaf,
  negated: boolean,
  property: FilterProperty,
  dialect: FilterDialect,
): ServerFilter {
  switch (filter.op) {
    case 'is null':
    case 'is not null':
      return nullTest(property, (filter.op === 'is null') !== negated)
    case 'in':
      return negated
        ? allOf(
            filter.values.map((value) => comparison('<>', true, value, property, dialect)),
            dialect,
          )
        : oneOf(filter.values, property, dialect)
    case 'begins with':
    case 'contains':
      return negated ? notTranslatable : textTest(filter.op, filter.value, property, dialect)
    default: {
      const op = negated ? opposite[filter.op] : filter.op
      const passesNull = (filter.op === '<>') !== negated
      return comparison(op, passesNull, filter.value, property, dialect)
    }
  }
}

function nullTest(property: FilterProperty, isNull: boolean): ServerFilter {
  if (!property.nullable) return isNull ? nothing : { kind: 'everything', isExact: true }
  const operator = isNull ? 'eq' : 'ne'
  // A server may keep an empty text where another keeps null.
  const isExact = property.type !== 'Edm.String'
  return test(property.name, `${property.name} ${operator} ${property.blank ?? 'null'}`, isExact)
}

function oneOf(
  values: readonly NonNullable<Value>[],
  property: FilterProperty,
  dialect: FilterDialect,
): ServerFilter {
  const parts = values.map((value) => comparison('=', false, value, property, dialect))
  const chain = anyOf(parts, dialect)
  if (chain.kind !== 'expression' || parts.some((part) => part.kind !== 'expression' || part.form !== 'test'))
    return chain
  const raws = values.map((value) => value.slice(value.indexOf(':') + 1))
  const short = dialect.listTest(property.name, raws)
  return short === null ? chain : test(property.name, short, chain.isExact)
}

function textTest(
  op: '=' | TextTest,
  value: NonNullable<Value>,
  property: FilterProperty,
  dialect: FilterDialect,
): ServerFilter {
  if (property.type !== 'Edm.String' || property.memberNames) return notTranslatable
  const text = dialect.textTest(op, property.name, value.slice(value.indexOf(':') + 1))
  return text === null ? notTranslatable : test(property.name, text, false)
}

function comparison(
  op: Comparison,
  passesNull: boolean,
  value: NonNullable<Value>,
  property: FilterProperty,
  dialect: FilterDialect,
): ServerFilter {
  if (property.type === 'Edm.String' && !property.memberNames) {
    // Servers compare text without regard to case, and order it in their own way.
    return op === '=' && !passesNull ? textTest('=', value, property, dialect) : notTranslatable
  }
  const compared = compareProperty(op, value, property, dialect)
  if (!passesNull) return asWithoutNull(op, compared, property)
  return property.nullable ? anyOf([compared, nullTest(property, true)], dialect) : compared
}

/** What stands for null is smaller than every value. */
function asWithoutNull(op: Comparison, compared: ServerFilter, property: FilterProperty): ServerFilter {
  const letsBlankThrough = property.nullable && property.blank !== null && (op === '<' || op === '<=')
  return letsBlankThrough && compared.kind === 'expression' ? { ...compared, isExact: false } : compared
}
