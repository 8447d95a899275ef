import { SyncError } from '../core/errors.ts'

interface HostPort {
  readonly host: string
  readonly port: number
}

interface RedisAccess {
  readonly hosts: readonly [HostPort, ...HostPort[]]
  readonly username: string | null
  readonly password: string | null
  readonly tls: boolean
}

/** Where the queue lives, read from its URL; `shown` is safe for messages and logs: no user, no password. */
export type QueueAddress = { readonly shown: string } & (
  | ({ readonly kind: 'redis'; readonly db: number } & RedisAccess)
  | ({ readonly kind: 'sentinel'; readonly db: number; readonly master: string } & RedisAccess)
  | ({ readonly kind: 'cluster' } & RedisAccess)
  | { readonly kind: 'postgres'; readonly url: string }
)

const forms =
  'redis[s]://[user:password@]host:port[/db], redis[s]+sentinel://host:port,host:port/master[/db], ' +
  'redis[s]+cluster://host:port,host:port, postgres://user:password@host:port/database'

/**
 * Reads a queue URL: `redis://` and `rediss://` (TLS), with `+sentinel` (hosts are the sentinels, the path names the
 * master) or `+cluster`, and `postgres://`. Throws CONFIG_INVALID naming the variable, never showing the URL.
 */
export function parseQueueUrl(url: string, variable: string): QueueAddress {
  const match = /^([a-z+]+):\/\/(?:([^@/]*)@)?([^/?]*)(\/[^?]*)?/.exec(url)
  const [, scheme = '', access = '', hosts = '', path = ''] = match ?? []
  if (scheme === 'postgres' || scheme === 'postgresql')
    return { kind: 'postgres', url, shown: shownOf(url, hosts, variable) }
  const form = /^redis(s?)(\+sentinel|\+cluster)?$/.exec(scheme)
  if (!form) throw invalid(variable, `is none of: ${forms}`)
  const common = readAccess({
    access,
    hosts,
    tls: form[1] === 's',
    defaultPort: form[2] === '+sentinel' ? 26379 : 6379,
    variable,
  })
  const parts = path.split('/').filter((part) => part !== '')
  if (form[2] === '+cluster') return { kind: 'cluster', ...common }
  if (!form[2]) return { kind: 'redis', db: readDb(parts[0], variable), ...common }
  if (!parts[0]) throw invalid(variable, 'names no master: redis+sentinel://host:port/master')
  return { kind: 'sentinel', master: decode(parts[0], variable), db: readDb(parts[1], variable), ...common }
}

function readAccess(from: {
  access: string
  hosts: string
  tls: boolean
  defaultPort: number
  variable: string
}): RedisAccess & { shown: string } {
  const [username = '', ...password] = from.access.split(':')
  const [first, ...others] = from.hosts
    .split(',')
    .map((text) => readHost(text, from.defaultPort, from.variable))
  if (!first) throw invalid(from.variable, 'names no host')
  return {
    hosts: [first, ...others],
    username: username === '' ? null : decode(username, from.variable),
    password: password.length === 0 ? null : decode(password.join(':'), from.variable),
    tls: from.tls,
    shown: [first, ...others].map(({ host, port }) => `${host}:${port}`).join(','),
  }
}

function readHost(text: string, defaultPort: number, variable: string): HostPort {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(text)
  const port = Number(match?.[2] ?? defaultPort)
  if (!match?.[1] || port > 65_535) throw invalid(variable, 'has no host, or a port that is not a number')
  return { host: match[1].replace(/^\[|\]$/g, ''), port }
}

function readDb(text: string | undefined, variable: string): number {
  if (text === undefined) return 0
  if (!/^\d+$/.test(text)) throw invalid(variable, 'has a database that is not a number')
  return Number(text)
}

/** A Postgres URL may name its host in the query (a socket folder) or leave the port out. */
function shownOf(url: string, hosts: string, variable: string): string {
  const host = hosts === '' ? (/[?&]host=([^&]+)/.exec(url)?.[1] ?? 'localhost') : hosts
  return /:\d+$/.test(host) || host.includes(',') ? host : `${decode(host, variable)}:5432`
}

function decode(text: string, variable: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid(
      variable,
      "has a '%' that two hexadecimal digits do not follow: write %25 for the character itself",
    )
  }
}

function invalid(variable: string, what: string): SyncError {
  return new SyncError('CONFIG_INVALID', `${variable} ${what}`, { data: { variable } })
}
