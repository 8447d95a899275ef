import { type Problem, problem, SyncError } from '../errors.ts'
import type { Comparison, Filter, Literal } from './filter.ts'
import { filterError, type Token, tokenise } from './filter-tokens.ts'

export type ParsedFilter =
  | { readonly ok: true; readonly filter: Filter }
  | { readonly ok: false; readonly problem: Problem }

/**
 * Reads a filter as people write it: `blocked = '' and city in ('Aarhus', 'Odense')`. Field names with other
 * characters than letters, digits and _ stand in double quotes or brackets; keywords may be written in any case.
 */
export function parseFilter(text: string): ParsedFilter {
  try {
    const parser: Parser = { source: text, tokens: tokenise(text), index: 0, depth: 0 }
    const filter = parseOr(parser)
    if (peek(parser).kind !== 'end') throw unexpected(parser, '`and`, `or` or the end')
    return { ok: true, filter }
  } catch (error) {
    if (!(error instanceof SyncError)) throw error
    return { ok: false, problem: problem(error.code, error.message, { value: String(error.data['around']) }) }
  }
}

/** The filter in the one spelling of `printFilter`; a text that is none stays, and so does one that would grow too long. */
export function normaliseFilter(text: string): string {
  const parsed = text.trim() === '' ? null : parseFilter(text)
  const printed = parsed?.ok ? printFilter(parsed.filter) : text
  return printed.length <= maxLength ? printed : text
}

const maxLength = 10_000

interface Parser {
  readonly source: string
  readonly tokens: readonly Token[]
  index: number
  depth: number
}

const maxDepth = 100
const endToken: Token = { kind: 'end', text: '', position: 0 }

function peek(parser: Parser): Token {
  return parser.tokens[parser.index] ?? endToken
}

/** Takes the next token when it is this keyword or symbol. */
function accept(parser: Parser, word: string): boolean {
  const { kind, text } = peek(parser)
  const found = (kind === 'name' || kind === 'symbol') && text.toLowerCase() === word
  if (found) parser.index += 1
  return found
}

function expectWord(parser: Parser, word: string): void {
  if (!accept(parser, word)) throw unexpected(parser, `\`${word}\``)
}

function unexpected(parser: Parser, expected: string): SyncError {
  return filterError(parser.source, peek(parser).position, expected)
}

function parseOr(parser: Parser): Filter {
  const parts = [parseAnd(parser)]
  while (accept(parser, 'or')) parts.push(parseAnd(parser))
  const [only, ...more] = parts
  return only && more.length === 0 ? only : { or: parts }
}

function parseAnd(parser: Parser): Filter {
  const parts = [parseNot(parser)]
  while (accept(parser, 'and')) parts.push(parseNot(parser))
  const [only, ...more] = parts
  return only && more.length === 0 ? only : { and: parts }
}

function parseNot(parser: Parser): Filter {
  if (parser.depth >= maxDepth) throw unexpected(parser, `at most ${maxDepth} levels of nesting`)
  parser.depth += 1
  const filter = accept(parser, 'not') ? { not: parseNot(parser) } : parseGroupOrTest(parser)
  parser.depth -= 1
  return filter
}

function parseGroupOrTest(parser: Parser): Filter {
  if (!accept(parser, '(')) return parseTest(parser)
  const filter = parseOr(parser)
  expectWord(parser, ')')
  return filter
}

const keywords: ReadonlySet<string> = new Set([
  'and',
  'or',
  'not',
  'in',
  'is',
  'null',
  'true',
  'false',
  'begins',
  'contains',
])
const isKeyword = (word: string) => keywords.has(word.toLowerCase())

function parseTest(parser: Parser): Filter {
  const { kind, text: field } = peek(parser)
  const isField = kind === 'quoted' || (kind === 'name' && !isKeyword(field))
  if (!isField) throw unexpected(parser, 'a field name, `not` or `(`')
  parser.index += 1
  if (accept(parser, 'is')) return parseNullTest(parser, field)
  const isNegated = accept(parser, 'not')
  const test = parseWordTest(parser, field)
  if (isNegated && test === null) throw unexpected(parser, '`in`, `begins with` or `contains`')
  if (test !== null) return isNegated ? { not: test } : test
  return { field, op: parseComparison(parser), value: parseLiteralToken(parser) }
}

/** The tests that are words and may follow `not`. */
function parseWordTest(parser: Parser, field: string): Filter | null {
  if (accept(parser, 'in')) return { field, op: 'in', values: parseList(parser) }
  if (accept(parser, 'contains')) return { field, op: 'contains', value: parseText(parser) }
  if (!accept(parser, 'begins')) return null
  expectWord(parser, 'with')
  return { field, op: 'begins with', value: parseText(parser) }
}

function parseNullTest(parser: Parser, field: string): Filter {
  const op = accept(parser, 'not') ? 'is not null' : 'is null'
  expectWord(parser, 'null')
  return { field, op }
}

const comparisons: Readonly<Record<Comparison | '!=' | '≠' | '≤' | '≥', Comparison>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '≠': '<>',
  '<': '<',
  '<=': '<=',
  '≤': '<=',
  '>': '>',
  '>=': '>=',
  '≥': '>=',
}
const operatorNames = '=, <>, <, <=, >, >=, `in`, `not in`, `is null`, `begins with` or `contains`'

function parseComparison(parser: Parser): Comparison {
  const { kind, text } = peek(parser)
  for (const [symbol, comparison] of Object.entries(comparisons)) {
    if (kind === 'symbol' && text === symbol) {
      parser.index += 1
      return comparison
    }
  }
  throw unexpected(parser, operatorNames)
}

function parseList(parser: Parser): readonly Literal[] {
  expectWord(parser, '(')
  const values = [parseLiteralToken(parser)]
  while (accept(parser, ',')) values.push(parseLiteralToken(parser))
  if (!accept(parser, ')')) throw unexpected(parser, '`,` or `)`')
  return values
}

function parseText(parser: Parser): string {
  const { kind, text } = peek(parser)
  if (kind !== 'text') throw unexpected(parser, "a text in single quotes, like 'DK'")
  parser.index += 1
  return text
}

function parseLiteralToken(parser: Parser): Literal {
  const { kind, text } = peek(parser)
  if (accept(parser, 'true')) return true
  if (accept(parser, 'false')) return false
  if (kind === 'name' && text.toLowerCase() === 'null') throw unexpected(parser, '`is null` or `is not null`')
  if (kind !== 'text' && kind !== 'number') {
    throw unexpected(parser, "a value: 'text' in single quotes, a number, true or false")
  }
  parser.index += 1
  return kind === 'text' ? text : { number: text }
}

/** Writes a filter so that `parseFilter` reads exactly this filter again. */
export function printFilter(filter: Filter): string {
  if ('and' in filter)
    return filter.and.map((part) => printPart(part, 'and' in part || 'or' in part)).join(' and ')
  if ('or' in filter) return filter.or.map((part) => printPart(part, 'or' in part)).join(' or ')
  if ('not' in filter) return printNot(filter.not)
  const field = printField(filter.field)
  if ('value' in filter) return `${field} ${filter.op} ${printLiteral(filter.value)}`
  return 'values' in filter ? `${field} in ${printList(filter.values)}` : `${field} ${filter.op}`
}

function printPart(part: Filter, inParentheses: boolean): string {
  return inParentheses ? `(${printFilter(part)})` : printFilter(part)
}

function printNot(negated: Filter): string {
  if ('op' in negated && negated.op === 'in') {
    return `${printField(negated.field)} not in ${printList(negated.values)}`
  }
  return `not ${printPart(negated, 'and' in negated || 'or' in negated)}`
}

function printList(values: readonly Literal[]): string {
  return `(${values.map(printLiteral).join(', ')})`
}

function printField(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && !isKeyword(name) ? name : `"${name.replaceAll('"', '""')}"`
}

function printLiteral(literal: Literal): string {
  if (typeof literal === 'string') return `'${literal.replaceAll("'", "''")}'`
  return typeof literal === 'boolean' ? String(literal) : literal.number
}
