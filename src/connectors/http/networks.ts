import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import ipaddr from 'ipaddr.js'

type Address = ReturnType<typeof ipaddr.parse>

/** Networks that are not public and may be reached all the same. */
export type Networks = readonly (readonly [network: Address, bits: number])[]

/** Networks as people write them, `10.1.0.0/16, fd00::/8`, or `all`; null when the text is anything else. */
export function parseNetworks(text: string): Networks | null {
  if (text.trim() === 'all') return parseNetworks('0.0.0.0/0,::/0')
  const parts = text.split(',').flatMap((part) => part.trim() || [])
  return parts.every((part) => ipaddr.isValidCIDR(part)) ? parts.map((part) => ipaddr.parseCIDR(part)) : null
}

/** Whether public addresses may be connected to besides those of the networks that are named. */
export type Reach = 'public too' | 'named only'

/** Where an address may lead whose messages must not be read on their way through the public internet. */
export function reachOf({ protocol }: URL): Reach {
  return protocol === 'https:' ? 'public too' : 'named only'
}

/**
 * Why an address must not be connected to: it is none of the public internet (this machine, a private network, the metadata
 * service of a cloud, …) and in none of the networks that are allowed. Null: it may. An IPv4 address in IPv6 is judged as the former.
 */
export function refuseAddress(text: string, allowed: Networks, reach: Reach = 'public too'): string | null {
  if (!ipaddr.isValid(text)) return 'it is no address'
  const address = ipaddr.process(text)
  const range = address.range()
  const isAllowed = allowed.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  )
  if (isAllowed) return null
  if (range !== 'unicast') return `${text} is not public (${words[range] ?? range})`
  return reach === 'public too' ? null : `${text} is public, and nothing is encrypted`
}

const words: Readonly<Record<string, string>> = {
  loopback: 'this machine',
  private: 'a private network',
  uniqueLocal: 'a private network',
  linkLocal: 'link-local, as metadata services are',
  carrierGradeNat: 'behind the NAT of a carrier',
}

/** The connection was not even tried: see `refuseAddress`. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/**
 * Looks a host up for a socket and gives it only what may be reached; one refused address refuses the host. The socket connects
 * to what was judged here, so that a name that is looked up again and again cannot show one address to us and another to it.
 */
export function guardedLookup(allowed: Networks, reach: Reach = 'public too') {
  return (hostname: string, options: LookupOptions, found: Found): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return found(error, [])
      const refusal = addresses
        .map(({ address }) => refuseAddress(address, allowed, reach))
        .find((why) => why !== null)
      if (refusal) return found(new AddressRefused(refusal), [])
      const [first] = addresses
      if (options.all || first === undefined) return found(null, addresses)
      return found(null, first.address, first.family)
    })
  }
}

/** Throws AddressRefused for a host that is an address: sockets do not look those up. */
export function assertHostAllowed(hostname: string, allowed: Networks, reach: Reach = 'public too'): void {
  const bare = hostname.replace(/^\[|\]$/g, '')
  const refusal = ipaddr.isValid(bare) ? refuseAddress(bare, allowed, reach) : null
  if (refusal) throw new AddressRefused(refusal)
}
