import { SyncError } from '../../core/errors.ts'

export interface AddressRules {
  /** Name of the connection, for messages. */
  readonly connection: string
  /** The setting or variable that holds the address, for messages. */
  readonly setting: string
  /** Plain http to other machines; to this machine it is always allowed. */
  readonly allowHttp: boolean
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * The address of a service, below which everything lies that the connection asks for; ends with a slash. Throws
 * CONFIG_INVALID for anything but a plain http(s) address, without repeating a text that may hold a password.
 */
export function parseServiceRoot(text: string, rules: AddressRules): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  const refusal = url === null ? 'is no address' : refuse(url, rules)
  if (url === null || refusal !== null) {
    const message = `Connection ${rules.connection}: ${rules.setting} ${refusal}; write it like https://host/path/`
    throw new SyncError('CONFIG_INVALID', message, {
      data: { connection: rules.connection, setting: rules.setting },
    })
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

function refuse(url: URL, rules: AddressRules): string | null {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `begins with ${url.protocol}`
  if (url.username || url.password)
    return 'holds a user name or password, which belong into settings of their own'
  if (url.search || url.hash) return 'has a query or a fragment'
  if (url.protocol === 'http:' && !rules.allowHttp && !loopback.test(url.hostname)) {
    return `would send credentials unencrypted to ${url.hostname}; use https, or allow http for this connection`
  }
  return null
}

/**
 * A link that a server has given, to be followed with our credentials: absolute, or relative to `base`. It must stay on
 * the origin and below the root; throws LINK_REFUSED otherwise, which names the place it leads to without its query.
 */
export function resolveLink(link: string, base: URL, root: URL, connection: string): URL {
  const url = URL.canParse(link, base.href) ? new URL(link, base) : null
  if (url && isBelow(url, root)) return url
  const place = url ? `${url.protocol}//${url.host}${url.pathname.slice(0, 200)}` : 'no address'
  throw new SyncError(
    'LINK_REFUSED',
    `Connection ${connection}: the answer of ${root.origin} leads to ${place}, which is not below ${root.href}`,
    { data: { connection, origin: root.origin } },
  )
}

function isBelow(url: URL, root: URL): boolean {
  const isSameOrigin = url.protocol === root.protocol && url.host === root.host
  return isSameOrigin && !url.username && !url.password && url.pathname.startsWith(root.pathname)
}
