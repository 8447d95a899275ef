import { HttpProblem } from '../http.ts'

export type TokenKind = 'string' | 'number' | 'guid' | 'datetime' | 'date' | 'name' | 'array' | 'sign' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** Strings without quotes; everything else as written. */
  readonly text: string
  readonly at: number
}

/** In this order: a GUID or a date would otherwise begin as a number or a name. */
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['string', /'(?:[^']|'')*'/y],
  ['guid', /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])/iy],
  ['datetime', /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?/iy],
  ['date', /\d{4}-\d\d-\d\d/y],
  ['number', /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/iy],
  ['array', /\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]/y],
  ['name', /[A-Za-z_@$][\w.@$]*/y],
  ['sign', /[()/,=:*]/y],
]

/** Cuts an OData expression into tokens; the last one is the end. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at += 1
      continue
    }
    const token = tokenAt(text, at)
    tokens.push(token.token)
    at = token.end
  }
  return [...tokens, { kind: 'end', text: '', at: text.length }]
}

function tokenAt(text: string, at: number): { token: Token; end: number } {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found === undefined) continue
    const value = kind === 'string' ? found.slice(1, -1).replaceAll("''", "'") : found
    return { token: { kind, text: value, at }, end: at + found.length }
  }
  throw new HttpProblem(400, '0x0', `Syntax error at position ${at} in '${text}'.`)
}
