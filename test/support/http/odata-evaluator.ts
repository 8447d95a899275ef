/** A record as a service keeps it: raw values by property. */
export type ServerRow = Readonly<Record<string, string | null>>

/**
 * Evaluates a filter expression as the services do: text without regard to case, `%` and `_` as wildcards and brackets as
 * sets in text functions, nothing but `eq` and `ne` true for null. For tests.
 */
export function evaluate(expression: string, row: ServerRow): boolean {
  const tokens = expression.match(tokenPattern) ?? []
  let at = 0
  const next = () => tokens[at++] ?? ''
  const word = (wanted: string) => tokens[at] === wanted && ++at > 0

  function or(): boolean {
    let result = and()
    while (word('or')) result = and() || result
    return result
  }
  function and(): boolean {
    let result = term()
    while (word('and')) result = term() && result
    return result
  }
  function term(): boolean {
    if (word('(')) {
      const result = or()
      expectToken(')')
      return result
    }
    const name = next()
    if (name === 'Microsoft.Dynamics.CRM.In') return listTest()
    if (name === 'startswith' || name === 'contains') return textTest(name)
    return compare(property(row, name), next(), next())
  }
  function textTest(name: string): boolean {
    expectToken('(')
    const value = property(row, next())
    expectToken(',')
    const text = unquoted(next())
    expectToken(')')
    return value !== null && likePattern(text, name === 'startswith').test(value)
  }
  function listTest(): boolean {
    const parts: string[] = []
    for (let token = next(); token !== ')'; token = next()) parts.push(token)
    // ( PropertyName = 'name' , PropertyValues = [ … ]
    const value = property(row, unquoted(parts[3] ?? ''))
    const list = JSON.parse(parts.slice(7).join('')) as readonly string[]
    return value !== null && list.some((each) => each.toLowerCase() === value.toLowerCase())
  }
  function expectToken(wanted: string): void {
    const found = next()
    if (found !== wanted) throw new Error(`expected ${wanted}, found ${found} in ${expression}`)
  }

  const result = or()
  if (at !== tokens.length) throw new Error(`cannot read ${expression} at ${tokens[at]}`)
  return result
}

const tokenPattern = /'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[(),[\]=]|[^\s(),[\]='"]+/g

function property(row: ServerRow, name: string): string | null {
  const value = row[name]
  if (value === undefined) throw new Error(`no property ${name}`)
  return value
}

function unquoted(token: string): string {
  return token.slice(1, -1).replaceAll("''", "'")
}

function compare(value: string | null, operator: string, literal: string): boolean {
  const wanted = literal === 'null' ? null : literal.startsWith("'") ? unquoted(literal) : literal
  if (value === null || wanted === null)
    return operator === 'eq' ? value === wanted : operator === 'ne' && value !== wanted
  const order = compareRaw(value, wanted)
  switch (operator) {
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
    case 'lt':
      return order < 0
    case 'le':
      return order <= 0
    case 'gt':
      return order > 0
    case 'ge':
      return order >= 0
    default:
      throw new Error(`no operator ${operator}`)
  }
}

function compareRaw(a: string, b: string): number {
  if (/^\d{4}-.*T/.test(a)) return time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0
  if (/^-?\d+(\.\d+)?$/.test(a)) return Number(a) - Number(b)
  return a.localeCompare(b, 'en', { sensitivity: 'base' })
}

function time(text: string): string {
  return text
    .replace('Z', '')
    .slice(0, 26)
    .padEnd(19)
    .replace(/^(.{19})$/, '$1.')
    .padEnd(26, '0')
}

function likePattern(text: string, isPrefix: boolean): RegExp {
  const source = text
    .replace(/[.*+?^${}()|\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  return new RegExp(`${isPrefix ? '^' : ''}${source}`, 'is')
}
