import { SyncError } from '../errors.ts'

export interface Token {
  /** `name` is a bare word (a field or a keyword), `quoted` a field name in quotes or brackets. */
  readonly kind: 'name' | 'quoted' | 'text' | 'number' | 'symbol' | 'end'
  /** The word, name, text, digits or symbol itself, without quotes. */
  readonly text: string
  readonly position: number
}

/** In this order; every pattern is tried where the last token ended. */
const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['text', /'((?:[^']|'')*)'/y],
  ['quoted', /"((?:[^"]|"")+)"/y],
  ['quoted', /\[((?:[^\]]|\]\])+)\]/y],
  ['number', /(-?\d+(?:\.\d+)?)(?![\p{L}\p{N}_.])/uy],
  ['name', /([\p{L}_][\p{L}\p{N}_]*)/uy],
  ['symbol', /(<>|!=|<=|>=|[=≠<≤>≥(),])/y],
]
const doubled = { "'": "''", '"': '""', '[': ']]' } as const

/** Splits a filter into tokens, the last one being `end`; throws FILTER_INVALID where no token can begin. */
export function tokenise(source: string): readonly Token[] {
  const tokens: Token[] = []
  for (let position = skipSpace(source, 0); position < source.length; ) {
    const { token, end } = tokenAt(source, position)
    tokens.push(token)
    position = skipSpace(source, end)
  }
  tokens.push({ kind: 'end', text: '', position: source.length })
  return tokens
}

function tokenAt(source: string, position: number): { token: Token; end: number } {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = position
    const match = pattern.exec(source)
    if (match) {
      const text = undouble(match[1] ?? '', source[position])
      return { token: { kind, text, position }, end: position + match[0].length }
    }
  }
  throw filterError(source, position, expectedAt(source[position]))
}

function undouble(text: string, opening: string | undefined): string {
  if (opening !== "'" && opening !== '"' && opening !== '[') return text
  const pair = doubled[opening]
  return text.replaceAll(pair, pair.slice(1))
}

function expectedAt(character: string | undefined): string {
  if (character === "'") return 'a closing quote'
  if (character === '"' || character === '[') return 'a field name and its closing quote or bracket'
  return 'a field, a value or an operator'
}

function skipSpace(source: string, position: number): number {
  const space = /\s*/y
  space.lastIndex = position
  space.exec(source)
  return space.lastIndex
}

/** The error of a filter text: position from 1, what was expected, and the text around. */
export function filterError(source: string, position: number, expected: string): SyncError {
  const around = `${source.slice(Math.max(0, position - 20), position)}▶${source.slice(position, position + 20)}`
  const message = `Filter, position ${position + 1}: expected ${expected}, at ${around}`
  return new SyncError('FILTER_INVALID', message, { data: { position: position + 1, around } })
}
