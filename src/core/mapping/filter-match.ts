import { normaliseCode } from '../values/code.ts'
import { compareValues } from '../values/compare.ts'
import { rawOf, type Value, type Values } from '../values/value.ts'
import type { BoundFilter } from './filter.ts'
import type { FieldSchema } from './schema.ts'

type Fields = ReadonlyMap<string, FieldSchema>
type BoundTest = Extract<BoundFilter, { field: string }>

/**
 * Whether a record passes. Two-valued: with a null field every comparison is false except `<>`, and `not` is the exact
 * complement. Text compares by code point, code fields upper-cased and trimmed. A field that was not read counts as null.
 */
export function matchesFilter(filter: BoundFilter, values: Values, fields: Fields): boolean {
  if ('and' in filter) return filter.and.every((part) => matchesFilter(part, values, fields))
  if ('or' in filter) return filter.or.some((part) => matchesFilter(part, values, fields))
  if ('not' in filter) return !matchesFilter(filter.not, values, fields)
  return matchesTest(filter, values[filter.field] ?? null, fields)
}

function matchesTest(test: BoundTest, found: Value, fields: Fields): boolean {
  if (test.op === 'is null') return found === null
  if (test.op === 'is not null') return found !== null
  if (found === null) return test.op === '<>'
  const isCode = fields.get(test.field)?.type.kind === 'code'
  const value = isCode ? (`text:${normaliseCode(rawOf(found))}` as const) : found
  if ('values' in test) return test.values.some((wanted) => wanted === value)
  return 'value' in test && compares(test.op, value, test.value)
}

type BoundComparison = Extract<BoundTest, { value: unknown }>

function compares(op: BoundComparison['op'], value: NonNullable<Value>, wanted: NonNullable<Value>): boolean {
  switch (op) {
    case '=':
      return value === wanted
    case '<>':
      return value !== wanted
    case '<':
      return compareValues(value, wanted) < 0
    case '<=':
      return compareValues(value, wanted) <= 0
    case '>':
      return compareValues(value, wanted) > 0
    case '>=':
      return compareValues(value, wanted) >= 0
    case 'begins with':
      return rawOf(value).startsWith(rawOf(wanted))
    case 'contains':
      return rawOf(value).includes(rawOf(wanted))
  }
}
