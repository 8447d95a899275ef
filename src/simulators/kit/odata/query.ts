import { HttpProblem } from '../http.ts'

/** The options of a query by name, decoded; a plus sign is a space. A name given twice is refused. */
export function parseQuery(query: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  for (const part of query.split('&')) {
    if (part === '') continue
    const at = part.indexOf('=')
    const name = decode(at < 0 ? part : part.slice(0, at))
    if (options.has(name))
      throw new HttpProblem(400, '0x0', `Query option '${name}' was given more than once.`)
    options.set(name, at < 0 ? '' : decode(part.slice(at + 1)))
  }
  return options
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new HttpProblem(400, '0x0', `'${text}' is not percent-encoded as it should be.`)
  }
}

export interface OrderItem {
  readonly name: string
  readonly descending: boolean
}

/** Reads `$orderby`: names with `asc` or `desc`. Throws 400. */
export function parseOrderBy(text: string): readonly OrderItem[] {
  return text.split(',').map((part) => {
    const [name = '', direction = 'asc', ...rest] = part.trim().split(/\s+/)
    if (name === '' || rest.length > 0 || !/^(asc|desc)$/.test(direction)) {
      throw new HttpProblem(400, '0x0', `Syntax error in $orderby '${text}'.`)
    }
    return { name, descending: direction === 'desc' }
  })
}

/** Reads a list such as `$select`; commas inside of parentheses do not separate. */
export function parseList(text: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at <= text.length; at += 1) {
    const sign = text[at]
    if (sign === '(') depth += 1
    if (sign === ')') depth -= 1
    if (at === text.length || (sign === ',' && depth === 0)) {
      const part = text.slice(start, at).trim()
      if (part !== '') parts.push(part)
      start = at + 1
    }
  }
  return parts
}
