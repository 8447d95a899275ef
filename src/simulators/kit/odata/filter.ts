import { HttpProblem } from '../http.ts'
import { type Token, tokensOf } from './tokens.ts'

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'

export interface Literal {
  readonly kind: 'literal'
  readonly type: 'string' | 'number' | 'guid' | 'datetime' | 'date' | 'boolean' | 'null' | 'array' | 'enum'
  readonly text: string
}
export interface Path {
  readonly kind: 'path'
  readonly names: readonly string[]
}
export interface Call {
  readonly kind: 'call'
  /** As written; functions of a product carry their namespace. */
  readonly name: string
  readonly arguments: readonly Operand[]
  /** Arguments given as `Name=value`. */
  readonly named: ReadonlyMap<string, Literal>
}
export type Operand = Literal | Path | Call

/** What `$filter` says. A `lambda` is kept unread: `any` and `all` with what they apply to. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | {
      readonly kind: 'compare'
      readonly operator: Comparison
      readonly left: Operand
      readonly right: Operand
    }
  | { readonly kind: 'test'; readonly operand: Call | Path }
  | { readonly kind: 'lambda'; readonly path: Path }

/** Reads a `$filter` (OData 4.0, part 2, 5.1.1); `aliases` are the parameters `@name` of the query. Throws 400. */
export function parseFilter(text: string, aliases: ReadonlyMap<string, string> = new Map()): Expression {
  return new Reader(text, aliases).whole()
}

class Reader {
  private readonly tokens: readonly Token[]
  private readonly text: string
  private readonly aliases: ReadonlyMap<string, string>
  private position = 0

  constructor(text: string, aliases: ReadonlyMap<string, string>) {
    this.text = text
    this.aliases = aliases
    this.tokens = tokensOf(text)
  }

  whole(): Expression {
    const expression = this.or()
    if (this.peek().kind !== 'end') throw this.syntaxError()
    return expression
  }

  private or(): Expression {
    let left = this.and()
    while (this.takeWord('or')) left = { kind: 'or', left, right: this.and() }
    return left
  }

  private and(): Expression {
    let left = this.unary()
    while (this.takeWord('and')) left = { kind: 'and', left, right: this.unary() }
    return left
  }

  private unary(): Expression {
    if (this.takeWord('not')) return { kind: 'not', operand: this.unary() }
    if (this.takeSign('(')) {
      const inner = this.or()
      this.expectSign(')')
      return inner
    }
    return this.comparison()
  }

  private comparison(): Expression {
    const left = this.operand()
    if (left.kind === 'path' && this.peek().text === '(' && /^(any|all)$/.test(left.names.at(-1) ?? '')) {
      this.skipParentheses()
      return { kind: 'lambda', path: { kind: 'path', names: left.names.slice(0, -1) } }
    }
    const operator = this.peek().kind === 'name' ? this.peek().text : ''
    if (/^(eq|ne|gt|ge|lt|le)$/.test(operator)) {
      this.position += 1
      return { kind: 'compare', operator: operator as Comparison, left, right: this.operand() }
    }
    if (left.kind === 'literal') throw this.syntaxError()
    return { kind: 'test', operand: left }
  }

  private operand(): Operand {
    const token = this.next()
    switch (token.kind) {
      case 'string':
      case 'number':
      case 'guid':
      case 'datetime':
      case 'date':
      case 'array':
        return { kind: 'literal', type: token.kind, text: token.text }
      case 'name':
        return this.named(token)
      default:
        throw this.syntaxError()
    }
  }

  private named(token: Token): Operand {
    if (token.text.startsWith('@')) return this.alias(token.text)
    const isWord = this.peek().text !== '/'
    if (isWord && /^(true|false)$/.test(token.text)) {
      return { kind: 'literal', type: 'boolean', text: token.text }
    }
    if (isWord && token.text === 'null') return { kind: 'literal', type: 'null', text: 'null' }
    const isLambda = /^(any|all)$/.test(token.text)
    if (!isLambda && this.takeSign('(')) return this.call(token.text)
    const after = this.tokens[this.position]
    if (after?.kind === 'string' && after.at === token.at + token.text.length) {
      this.position += 1
      return { kind: 'literal', type: 'enum', text: after.text }
    }
    const names = [token.text]
    while (this.takeSign('/')) names.push(this.expectName())
    return { kind: 'path', names }
  }

  private call(name: string): Call {
    const positional: Operand[] = []
    const named = new Map<string, Literal>()
    while (!this.takeSign(')')) {
      const operand = this.operand()
      if (operand.kind === 'path' && this.takeSign('=')) {
        const value = this.operand()
        if (value.kind !== 'literal') throw this.syntaxError()
        named.set(operand.names.join('/'), value)
      } else positional.push(operand)
      if (!this.takeSign(',') && this.peek().text !== ')') throw this.syntaxError()
    }
    return { kind: 'call', name, arguments: positional, named }
  }

  private alias(name: string): Literal {
    const text = this.aliases.get(name)
    if (text === undefined) throw new HttpProblem(400, '0x0', `The parameter alias '${name}' has no value.`)
    const value = new Reader(text, new Map()).operand()
    if (value.kind !== 'literal') throw this.syntaxError()
    return value
  }

  private skipParentheses(): void {
    let depth = 0
    do {
      const token = this.next()
      if (token.kind === 'end') throw this.syntaxError()
      if (token.kind === 'sign' && token.text === '(') depth += 1
      if (token.kind === 'sign' && token.text === ')') depth -= 1
    } while (depth > 0)
  }

  private peek(): Token {
    return this.tokens[this.position] ?? { kind: 'end', text: '', at: this.text.length }
  }

  private next(): Token {
    const token = this.peek()
    this.position += 1
    return token
  }

  private takeWord(word: string): boolean {
    const found = this.peek().kind === 'name' && this.peek().text === word
    if (found) this.position += 1
    return found
  }

  private takeSign(sign: string): boolean {
    const found = this.peek().kind === 'sign' && this.peek().text === sign
    if (found) this.position += 1
    return found
  }

  private expectSign(sign: string): void {
    if (!this.takeSign(sign)) throw this.syntaxError()
  }

  private expectName(): string {
    const token = this.next()
    if (token.kind !== 'name') throw this.syntaxError()
    return token.text
  }

  private syntaxError(): HttpProblem {
    return new HttpProblem(400, '0x0', `Syntax error at position ${this.peek().at} in '${this.text}'.`)
  }
}
