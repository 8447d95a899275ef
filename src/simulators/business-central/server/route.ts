import { refusals } from '../errors.ts'
import { customRoute, type Service } from '../schema/pages.ts'

/** A company as a URL or a header names it. */
export type CompanyRef = { readonly id: string } | { readonly name: string }

/** One step of a path: a set, and the key behind it in parentheses as it stands there. */
export interface Segment {
  readonly name: string
  readonly key: string | null
}

/** What a path asks for. `root` is the part up to the service, without a slash at its end. */
export interface Route {
  readonly deployment: 'online' | 'on-premises'
  readonly service: Service
  readonly root: string
  /** Null where the path names none: the query or a header may. */
  readonly company: CompanyRef | null
  /** What follows the company. */
  readonly segments: readonly Segment[]
}

/** Reads a path as sent (connectors.md B.1): `/v2.0/…` is online, any other beginning the instance of a server on-premises. */
export function routeOf(path: string): Route {
  const parts = path.split('/').slice(1)
  const deployment = parts[0] === 'v2.0' ? 'online' : 'on-premises'
  const from = parts.findIndex((part, index) => index > 0 && (part === 'api' || part === 'ODataV4'))
  if (from < 0) throw refusals.noSegment(decode(parts.at(-1) ?? ''))
  const [service, length] = serviceAt(parts.slice(from))
  const steps = parts.slice(from + length).filter((part) => part !== '')
  const segments = steps.map(segmentOf)
  const company = companyOf(segments[0], service)
  return {
    deployment,
    service,
    root: `/${parts.slice(0, from + length).join('/')}`,
    company,
    segments: company === null ? segments : segments.slice(1),
  }
}

/** The service and how many parts of the path its address takes. */
function serviceAt([kind, ...rest]: readonly string[]): readonly [Service, number] {
  if (kind === 'ODataV4') return ['pages', 1]
  if (rest[0] === 'v2.0') return ['standard', 2]
  const custom = customRoute.split('/')
  if (custom.every((part, index) => rest[index] === part)) return ['custom', 1 + custom.length]
  throw refusals.noSegment(rest.slice(0, 3).join('/'))
}

function companyOf(segment: Segment | undefined, service: Service): CompanyRef | null {
  if (segment?.key == null) return null
  if (service === 'pages') return segment.name === 'Company' ? { name: textOfKey(segment.key) } : null
  return segment.name === 'companies' ? { id: segment.key.toLowerCase() } : null
}

/** The text in a key: `'O''Neill'` is `O'Neill`. */
export function textOfKey(key: string): string {
  const inner = /^'(.*)'$/s.exec(key)?.[1]
  return inner === undefined ? key : inner.replaceAll("''", "'")
}

/** The values of a key by name; one without a name goes by an empty name. Quotes are gone, commas inside of them stay. */
export function valuesOfKey(key: string): ReadonlyMap<string, string> {
  const parts = key.match(/(?:'(?:[^']|'')*'|[^,'])+/g) ?? []
  return new Map(
    parts.map((part) => {
      const named = /^\s*([A-Za-z_]\w*)\s*=(.*)$/s.exec(part)
      return [named?.[1] ?? '', textOfKey((named?.[2] ?? part).trim())] as const
    }),
  )
}

function segmentOf(part: string): Segment {
  const text = decode(part)
  const found = /^([^(]+)\((.*)\)$/s.exec(text)
  return { name: found?.[1] ?? text, key: found?.[2] ?? null }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw refusals.invalidUrl(`'${part}' is not percent-encoded as it should be.`)
  }
}
