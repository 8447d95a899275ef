import type { Value } from '../../core/values/value.ts'
import { type EdmType, odataLiteral } from './literal.ts'

export interface Query {
  readonly select?: readonly string[]
  /** An expression, not yet percent-encoded. */
  readonly filter?: string | null
  /** For example `modifiedon desc` or `accountid`. */
  readonly orderBy?: readonly string[]
  readonly expand?: string
  readonly top?: number
  readonly count?: boolean
  /** Parameters without `$`, for example `company`. */
  readonly custom?: Readonly<Record<string, string>>
}

/** The query of an address, without `?`, percent-encoded; empty when nothing is asked for. */
export function queryText(query: Query): string {
  const parts: (readonly [string, string | null | undefined])[] = [
    ...Object.entries(query.custom ?? {}).map(
      ([name, value]) => [encodeURIComponent(name), encodeURIComponent(value)] as const,
    ),
    ['$select', list(query.select)],
    ['$filter', query.filter && encodeURIComponent(query.filter)],
    ['$orderby', list(query.orderBy)],
    ['$expand', query.expand && encodeURIComponent(query.expand)],
    ['$top', query.top?.toString()],
    ['$count', query.count ? 'true' : undefined],
  ]
  return parts.flatMap(([name, value]) => (value ? [`${name}=${value}`] : [])).join('&')
}

function list(names: readonly string[] | undefined): string | undefined {
  return names?.map(encodeURIComponent).join(',')
}

export interface KeyPart {
  readonly name: string
  readonly type: EdmType
  readonly value: NonNullable<Value>
}

/** `accounts(…)`: one part without its name when `named` is false, several always with. Percent-encoded. */
export function entityPath(entitySet: string, key: readonly KeyPart[], named = key.length > 1): string {
  const parts = key.map(({ name, type, value }) => {
    const literal = encodeURIComponent(odataLiteral(value, type))
    return named ? `${encodeURIComponent(name)}=${literal}` : literal
  })
  return `${encodeURIComponent(entitySet)}(${parts.join(',')})`
}

/** A path and a query below the root of a service; the query may be empty. */
export function withQuery(path: string, query: Query): string {
  const text = queryText(query)
  return text ? `${path}?${text}` : path
}
