import { type Problem, problem } from '../errors.ts'
import type { Conversion } from '../values/conversion.ts'
import { convertValue, parseLiteral } from '../values/convert.ts'
import { text, type Value } from '../values/value.ts'
import type { BoundFilter, Filter, Literal } from './filter.ts'
import type { FieldSchema, FieldType } from './schema.ts'

export type FilterBinding =
  | { readonly ok: true; readonly filter: BoundFilter }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Converts every literal to the type of its field; reports all unknown fields and unfit literals at once. */
export function bindFilter(filter: Filter, fields: ReadonlyMap<string, FieldSchema>): FilterBinding {
  const problems: Problem[] = []
  const bound = bindPart(filter, fields, problems)
  return problems.length === 0 ? { ok: true, filter: bound } : { ok: false, problems }
}

/** Names of the fields a filter looks at, each once. */
export function filterFields(filter: Filter | BoundFilter): readonly string[] {
  if ('and' in filter) return [...new Set(filter.and.flatMap(filterFields))]
  if ('or' in filter) return [...new Set(filter.or.flatMap(filterFields))]
  return 'not' in filter ? filterFields(filter.not) : [filter.field]
}

type Fields = ReadonlyMap<string, FieldSchema>
type Test = Extract<Filter, { field: string }>

/** In a part with a problem the filter returned means nothing; the caller drops it. */
function bindPart(filter: Filter, fields: Fields, problems: Problem[]): BoundFilter {
  if ('and' in filter) return { and: filter.and.map((part) => bindPart(part, fields, problems)) }
  if ('or' in filter) return { or: filter.or.map((part) => bindPart(part, fields, problems)) }
  if ('not' in filter) return { not: bindPart(filter.not, fields, problems) }
  const field = fields.get(filter.field)
  if (field) return bindTest(filter, field, problems)
  problems.push(
    problem('FIELD_NOT_FOUND', `Filter: the table has no field ${filter.field}`, { field: filter.field }),
  )
  return { or: [] }
}

function bindTest(test: Test, field: FieldSchema, problems: Problem[]): BoundFilter {
  const refusal = refuseOperator(test.op, field.type)
  if (refusal) {
    problems.push(filterProblem(field, refusal))
    return { or: [] }
  }
  const bind = (literal: Literal) => bindLiteral(literal, field, problems)
  if ('value' in test) return { field: test.field, op: test.op, value: bind(test.value) }
  return 'values' in test ? { field: test.field, op: 'in', values: test.values.map(bind) } : test
}

function refuseOperator(op: Test['op'], { kind }: FieldType): string | null {
  if (op === 'is null' || op === 'is not null') return null
  if (kind === 'json' || kind === 'bytes')
    return `a field of type ${kind} can only be tested with \`is null\``
  const isText = kind === 'text' || kind === 'code'
  if ((op === 'begins with' || op === 'contains') && !isText)
    return `\`${op}\` needs a text field, not ${kind}`
  const isUnordered = kind === 'boolean' || kind === 'uuid'
  return isUnordered && (op.startsWith('<') || op.startsWith('>')) && op !== '<>'
    ? `a field of type ${kind} has no order; use = or <>`
    : null
}

function bindLiteral(literal: Literal, field: FieldSchema, problems: Problem[]): NonNullable<Value> {
  const result = convertLiteral(literal, field.type)
  if (typeof result !== 'string' && result.ok && result.value !== null) return result.value
  const reason = typeof result === 'string' ? result : result.ok ? 'null is no value' : result.problem.message
  problems.push(filterProblem(field, reason))
  return 'text:'
}

/** The converted literal, or what kind of literal the field needs. Lengths and scales do not matter in a comparison. */
function convertLiteral(literal: Literal, type: FieldType): Conversion | string {
  const isText = typeof literal === 'string'
  const isNumber = typeof literal === 'object'
  switch (type.kind) {
    case 'text':
    case 'code':
      return isText
        ? convertValue(text(literal), { kind: type.kind, maxLength: null })
        : "write 'text' in quotes"
    case 'boolean':
      return isText ? 'write true or false' : parseLiteral(isNumber ? literal.number : String(literal), type)
    case 'decimal':
      return isNumber
        ? parseLiteral(literal.number, { kind: 'decimal', precision: null, scale: null })
        : 'write a number without quotes'
    case 'integer':
    case 'option':
      return isNumber ? parseLiteral(literal.number, type) : 'write a number without quotes'
    default:
      return isText ? parseLiteral(literal, type) : `write the ${type.kind} in quotes`
  }
}

function filterProblem(field: FieldSchema, reason: string): Problem {
  return problem('FILTER_INVALID', `Filter, field ${field.name}: ${reason}`, { field: field.name })
}
