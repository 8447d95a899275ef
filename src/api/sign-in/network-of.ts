import { isIP } from 'node:net'

/** Whom an address belongs to: of IPv6 everybody has a /64 to choose from, of IPv4 one address. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (isIP(address) !== 6) return address
  const [head = '', tail = ''] = withoutZone(address).split('::')
  const [before, after] = [groupsOf(head), groupsOf(tail)]
  const left = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  const network = [...before, ...left, ...after].slice(0, 4)
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

/** The last four bytes may be written as those of IPv4; they are no part of the network. */
function withoutZone(address: string): string {
  return address.replace(/%.*$/, '').replace(/\d+\.\d+\.\d+\.\d+$/, '0:0')
}

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':')
}
