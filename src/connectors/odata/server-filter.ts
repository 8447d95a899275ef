/**
 * What a server can be asked so that it leaves out as much as possible and nothing that is wanted. Not exact: the answer
 * may hold records that are not wanted, and the filter has to be evaluated on them again.
 */
export type ServerFilter =
  | { readonly kind: 'everything'; readonly isExact: boolean }
  | { readonly kind: 'nothing'; readonly isExact: true }
  | {
      readonly kind: 'expression'
      /** For `$filter`, not yet percent-encoded. */
      readonly text: string
      readonly isExact: boolean
      /** Properties it looks at. */
      readonly properties: ReadonlySet<string>
      /** How its outermost parts hang together; a single test is its own form. */
      readonly form: 'test' | 'or' | 'and'
    }

export const everything: ServerFilter = { kind: 'everything', isExact: true }
export const nothing: ServerFilter = { kind: 'nothing', isExact: true }
/** The server cannot say it; so everything is asked for, and sorted out here. */
export const notTranslatable: ServerFilter = { kind: 'everything', isExact: false }

export function test(property: string, text: string, isExact: boolean): ServerFilter {
  return { kind: 'expression', text, isExact, properties: new Set([property]), form: 'test' }
}

type Expression = Extract<ServerFilter, { kind: 'expression' }>

/** What a server allows in connections of several tests. */
export interface ConnectionRules {
  /** False: `or` only between single tests of one property, and such a list stands alone for its property. */
  readonly orAcrossProperties: boolean
}

export function allOf(parts: readonly ServerFilter[], rules: ConnectionRules): ServerFilter {
  if (parts.some((part) => part.kind === 'nothing')) return nothing
  const kept: Expression[] = []
  let isExact = parts.every((part) => part.isExact)
  for (const part of parts) {
    if (part.kind !== 'expression') continue
    if (rules.orAcrossProperties || !kept.some((other) => clash(other, part))) kept.push(part)
    else isExact = false
  }
  return joined(kept, 'and', isExact)
}

/** Two conditions on one property, one of them a list: the order in which such a server combines them is not known. */
function clash(a: Expression, b: Expression): boolean {
  if (a.form !== 'or' && b.form !== 'or') return false
  return [...a.properties].some((property) => b.properties.has(property))
}

export function anyOf(parts: readonly ServerFilter[], rules: ConnectionRules): ServerFilter {
  const open = parts.filter((part) => part.kind === 'everything')
  if (open.length > 0) return open.some((part) => part.isExact) ? everything : notTranslatable
  const kept = parts.filter((part) => part.kind === 'expression')
  if (!rules.orAcrossProperties && kept.length > 1) {
    const properties = new Set(kept.flatMap((part) => [...part.properties]))
    if (properties.size > 1 || kept.some((part) => part.form === 'and')) return notTranslatable
  }
  return joined(
    kept,
    'or',
    kept.every((part) => part.isExact),
  )
}

function joined(parts: readonly Expression[], form: 'and' | 'or', isExact: boolean): ServerFilter {
  const [first] = parts
  if (!first) return form === 'and' ? { kind: 'everything', isExact } : nothing
  if (parts.length === 1) return { ...first, isExact }
  return {
    kind: 'expression',
    text: parts.map((part) => (part.form === 'test' ? part.text : `(${part.text})`)).join(` ${form} `),
    isExact,
    properties: new Set(parts.flatMap((part) => [...part.properties])),
    form,
  }
}
