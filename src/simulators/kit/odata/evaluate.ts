import { type Cell, type CellType, type Comparable, comparable } from '../cells.ts'
import { HttpProblem } from '../http.ts'
import type { Call, Comparison, Expression, Literal, Operand, Path } from './filter.ts'

/** A column as a filter sees it: how it is meant, and how it is read from a row. */
export interface Field<R> {
  readonly type: CellType
  read(row: R): Cell
}

/** What differs between products. */
export interface FilterDialect<R> {
  /** The column that a path names; throws the product's own error for an unknown one. */
  field(path: Path): Field<R>
  /** A test by one of the product's own functions; throws for an unknown one. */
  call(call: Call): (row: R) => boolean
  /** In contains, startswith and endswith, `%`, `_` and `[ ]` stand for other characters. */
  readonly hasWildcards: boolean
  /** Any and all; most products differ. */
  lambda(path: Path): (row: R) => boolean
}

/** Makes a test of rows out of an expression; checks names and types now, not row by row. Throws 400. */
export function compileFilter<R>(expression: Expression, dialect: FilterDialect<R>): (row: R) => boolean {
  switch (expression.kind) {
    case 'and': {
      const [left, right] = [
        compileFilter(expression.left, dialect),
        compileFilter(expression.right, dialect),
      ]
      return (row) => left(row) && right(row)
    }
    case 'or': {
      const [left, right] = [
        compileFilter(expression.left, dialect),
        compileFilter(expression.right, dialect),
      ]
      return (row) => left(row) || right(row)
    }
    case 'not': {
      const operand = compileFilter(expression.operand, dialect)
      return (row) => !operand(row)
    }
    case 'compare':
      return compileComparison(expression, dialect)
    case 'test':
      return compileTest(expression.operand, dialect)
    case 'lambda':
      return dialect.lambda(expression.path)
  }
}

type Compare = Extract<Expression, { kind: 'compare' }>

function compileComparison<R>({ operator, left, right }: Compare, dialect: FilterDialect<R>) {
  if (isTextTest(left) && right.kind === 'literal' && right.type === 'boolean') {
    const test = compileTest(left, dialect)
    const wanted = (right.text === 'true') === (operator === 'eq')
    return (row: R) => test(row) === wanted
  }
  const type = typeOf(left, dialect) ?? typeOf(right, dialect)
  if (type === null) throw new HttpProblem(400, '0x0', 'A comparison needs a property on one side.')
  const [readLeft, readRight] = [reader(left, type, dialect), reader(right, type, dialect)]
  const holds = comparisons[operator]
  return (row: R) => holds(readLeft(row), readRight(row))
}

/** Null equals null only, differs from all else, and is neither less nor greater. */
const comparisons: Record<Comparison, (a: Comparable | null, b: Comparable | null) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a !== null && b !== null && a > b,
  ge: (a, b) => a !== null && b !== null && a >= b,
  lt: (a, b) => a !== null && b !== null && a < b,
  le: (a, b) => a !== null && b !== null && a <= b,
}

const caseFunctions: readonly string[] = ['tolower', 'toupper', 'trim']

function typeOf<R>(operand: Operand, dialect: FilterDialect<R>): CellType | null {
  if (operand.kind === 'path') return dialect.field(operand).type
  if (operand.kind === 'literal') return null
  if (operand.name === 'length') return 'int'
  return caseFunctions.includes(operand.name) ? 'text' : null
}

function reader<R>(
  operand: Operand,
  type: CellType,
  dialect: FilterDialect<R>,
): (row: R) => Comparable | null {
  if (operand.kind === 'literal') {
    const value = comparable(type, literalCell(operand, type))
    return () => value
  }
  if (operand.kind === 'path') {
    const field = dialect.field(operand)
    return (row: R) => comparable(field.type, field.read(row))
  }
  const inner = operand.arguments[0]
  if (operand.arguments.length !== 1 || !inner) throw unknownFunction(operand.name)
  const read = reader(inner, 'text', dialect)
  if (operand.name === 'length') return (row: R) => String(read(row) ?? '').length
  if (operand.name === 'trim') return (row: R) => String(read(row) ?? '').trim()
  // What is made lower or upper is compared without case.
  if (caseFunctions.includes(operand.name)) return (row: R) => String(read(row) ?? '').toLowerCase()
  throw unknownFunction(operand.name)
}

/** The cell that a literal stands for in a column of this type; a literal of another type is refused. */
export function literalCell(literal: Literal, type: CellType): Cell {
  if (literal.type === 'null') return null
  const fits: Record<CellType, readonly Literal['type'][]> = {
    text: ['string', 'enum'],
    'exact-text': ['string', 'enum'],
    guid: ['guid', 'string'],
    int: ['number'],
    int64: ['number'],
    decimal: ['number'],
    boolean: ['boolean'],
    datetime: ['datetime', 'date'],
    date: ['date'],
  }
  if (!fits[type].includes(literal.type)) {
    const message = `A binary operator with incompatible types was detected: '${type}' and '${literal.type}'.`
    throw new HttpProblem(400, '0x0', message)
  }
  if (type === 'boolean') return literal.text === 'true'
  if (type === 'int') return Number(literal.text)
  if (type === 'datetime') return instantOf(literal.text)
  return literal.text
}

/** Without an offset a time is UTC. */
function instantOf(text: string): number {
  const hasOffset = /(z|[+-]\d\d:\d\d)$/i.test(text) && text.includes('T')
  const ms = Date.parse(hasOffset || !text.includes('T') ? text : `${text}Z`)
  if (Number.isNaN(ms)) throw new HttpProblem(400, '0x0', `'${text}' is not a date.`)
  return ms
}

type TextTest = (text: string, part: string) => boolean
const textTests: Readonly<Record<string, TextTest>> = {
  contains: (text, part) => text.includes(part),
  startswith: (text, part) => text.startsWith(part),
  endswith: (text, part) => text.endsWith(part),
}

function isTextTest(operand: Operand): operand is Call {
  return operand.kind === 'call' && operand.name in textTests
}

function compileTest<R>(operand: Call | Path, dialect: FilterDialect<R>): (row: R) => boolean {
  if (operand.kind === 'path') {
    const field = dialect.field(operand)
    if (field.type !== 'boolean')
      throw new HttpProblem(400, '0x0', `'${operand.names.join('/')}' is no test.`)
    return (row) => field.read(row) === true
  }
  const test = textTests[operand.name]
  if (!test) return dialect.call(operand)
  const [subject, part] = operand.arguments
  if (!subject || part?.kind !== 'literal' || part.type !== 'string') throw unknownFunction(operand.name)
  const read = reader(subject, 'text', dialect)
  const wanted = typeOf(subject, dialect) === 'exact-text' ? part.text : part.text.toLowerCase()
  if (dialect.hasWildcards && /[%_[]/.test(wanted)) {
    const pattern = likePattern(operand.name, wanted)
    return (row) => pattern.test(String(read(row) ?? ''))
  }
  return (row) => test(String(read(row) ?? ''), wanted)
}

/** As SQL's LIKE: `%` any text, `_` one character, `[ab]` one of these. */
function likePattern(name: string, text: string): RegExp {
  const body = text.replace(/\[[^\]]*\]|[\\^$.*+?(){}|[\]%_]/g, (part) => {
    if (part === '%') return '.*'
    if (part === '_') return '.'
    return part.length > 1 ? part : `\\${part}`
  })
  return new RegExp(`${name === 'startswith' ? '^' : ''}${body}${name === 'endswith' ? '$' : ''}`, 'su')
}

function unknownFunction(name: string): HttpProblem {
  return new HttpProblem(400, '0x0', `An unknown function with name '${name}' was found.`)
}
