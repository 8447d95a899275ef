import { type BoundFilter, type Comparison, opposite } from '../../core/mapping/filter.ts'
import { normaliseCode } from '../../core/values/code.ts'
import { rawOf, type Value } from '../../core/values/value.ts'
import type { Column } from './columns.ts'
import type { Parameters } from './parameters.ts'
import { foldable, getColumns, type TableShape } from './shape.ts'

type Literal = NonNullable<Value>
type Leaf = Exclude<BoundFilter, { and: unknown } | { or: unknown } | { not: unknown }>

/**
 * The filter as a condition on table `t`. Negation is pushed down to the comparisons, where "false because null" has to
 * become true; everywhere else the null of SQL and false lead to the same rows, so that indexes can serve.
 */
export function filterSql(filter: BoundFilter, shape: TableShape, parameters: Parameters): string {
  return condition(filter, false, shape, parameters)
}

function condition(filter: BoundFilter, negated: boolean, shape: TableShape, parameters: Parameters): string {
  if ('not' in filter) return condition(filter.not, !negated, shape, parameters)
  if ('and' in filter || 'or' in filter) {
    const isAnd = 'and' in filter !== negated
    const parts = ('and' in filter ? filter.and : filter.or).map((part) =>
      condition(part, negated, shape, parameters),
    )
    if (parts.length === 0) return isAnd ? 'true' : 'false'
    return `(${parts.join(isAnd ? ' AND ' : ' OR ')})`
  }
  return leaf(filter, negated, shape, parameters)
}

function leaf(filter: Leaf, negated: boolean, shape: TableShape, parameters: Parameters): string {
  const [column] = getColumns(shape, [filter.field])
  if (!column) return 'false'
  switch (filter.op) {
    case 'is null':
    case 'is not null':
      return `${column.sql} IS ${(filter.op === 'is null') !== negated ? '' : 'NOT '}NULL`
    case 'in': {
      const texts = filter.values.map((value) => literalText(column, value))
      const list = parameters.add(texts, `${literalType(column)}[]`)
      const operand = equalityOperand(shape, column)
      return negated ? orNull(column, `${operand} <> ALL (${list})`) : `${operand} = ANY (${list})`
    }
    case 'begins with':
    case 'contains': {
      const text = parameters.add(literalText(column, filter.value), 'text')
      const operand = byCodePoint(comparedText(shape, column))
      const test =
        filter.op === 'contains' ? `strpos(${operand}, ${text}) > 0` : `starts_with(${operand}, ${text})`
      return negated ? orNull(column, `NOT ${test}`) : test
    }
    default:
      return comparison(filter.op, column, filter.value, negated, shape, parameters)
  }
}

function comparison(
  op: Comparison,
  column: Column,
  value: Literal,
  negated: boolean,
  shape: TableShape,
  parameters: Parameters,
): string {
  const actual = negated ? opposite[op] : op
  const literal = parameters.add(literalText(column, value), literalType(column))
  const isEquality = actual === '=' || actual === '<>'
  const operand = isEquality ? equalityOperand(shape, column) : orderOperand(shape, column)
  const test = `${operand} ${actual} ${literal}`
  const isTrueForNull = (op === '<>') !== negated
  return isTrueForNull ? orNull(column, test) : test
}

function orNull(column: Column, test: string): string {
  return `(${test} OR ${column.sql} IS NULL)`
}

function equalityOperand(shape: TableShape, column: Column): string {
  if (!column.isText || (column.isPlainText && column.field.type.kind === 'text')) return column.sql
  return byCodePoint(comparedText(shape, column))
}

function orderOperand(shape: TableShape, column: Column): string {
  return column.isText ? byCodePoint(comparedText(shape, column)) : column.sql
}

/** Codes compare in capitals and without outer blanks, whatever the table holds. */
function comparedText(shape: TableShape, column: Column): string {
  if (column.field.type.kind !== 'code') return column.textSql
  return `upper(${foldable(shape, column, `btrim(${column.textSql}, ' ')`)})`
}

function byCodePoint(sql: string): string {
  return `${sql} COLLATE "C"`
}

function literalText(column: Column, value: Literal): string {
  return column.field.type.kind === 'code' ? normaliseCode(rawOf(value)) : column.codec.encode(value)
}

function literalType(column: Column): string {
  return column.isText ? 'text' : column.sqlType
}
