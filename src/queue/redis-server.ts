import type { RedisFacts } from '../core/doctor/judge.ts'
import { SyncError } from '../core/errors.ts'
import type { Log } from '../core/ports/runtime.ts'
import type { QueuePlace } from './unavailable.ts'

const minimum = [6, 2] as const

/** What the server's INFO text says of itself. */
export function readServerInfo(info: string): RedisFacts & { readonly isClusterNode: boolean } {
  const field = (name: string) => new RegExp(`^${name}:(.+?)\\s*$`, 'm').exec(info)?.[1] ?? null
  const valkey = field('valkey_version')
  const log = field('aof_enabled')
  // Valkey keeps saying redis_version 7.2.4 for old clients.
  return {
    product: valkey === null ? 'Redis' : 'Valkey',
    version: valkey ?? field('redis_version'),
    policy: field('maxmemory_policy'),
    keepsLog: log === null ? null : log === '1',
    usedBytes: number(field('used_memory')),
    mostBytes: number(field('maxmemory')),
    isClusterNode: field('redis_mode') === 'cluster',
  }
}

const number = (text: string | null): number | null => (text === null ? null : Number(text))

/** Refuses a server older than 6.2, and a node of a cluster that is addressed as a single server; warns of a policy under which the server may throw jobs away when memory is full. */
export function checkServer(info: string, place: QueuePlace, log: Log, isSingle = true): void {
  const { product, version, policy, isClusterNode } = readServerInfo(info)
  if (isClusterNode && isSingle) {
    throw new SyncError(
      'CONFIG_INVALID',
      `${place.variable}: ${place.shown} is a node of a ${product} cluster; write redis+cluster://${place.shown}`,
      { data: { variable: place.variable, address: place.shown } },
    )
  }
  if (version !== null && isOlder(version)) {
    throw new SyncError(
      'QUEUE_UNAVAILABLE',
      `The queue at ${place.shown} (${place.variable}) is ${product} ${version}; 6.2 or newer is needed`,
      { kind: 'config', data: { variable: place.variable, address: place.shown } },
    )
  }
  if (policy !== null && policy !== 'noeviction') {
    log.warn(
      { address: place.shown, policy },
      `${product} may evict jobs when its memory is full: set maxmemory-policy to noeviction`,
    )
  }
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < minimum[0] || (major === minimum[0] && minor < minimum[1])
}
