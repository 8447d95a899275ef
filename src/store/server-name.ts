import type { PoolConfig } from 'pg'

/** `host:port/database`, never user or password. */
export function describeServer(options: PoolConfig): string {
  if (!options.connectionString) {
    return `${options.host ?? 'localhost'}:${options.port ?? 5432}/${options.database ?? ''}`
  }
  try {
    const url = new URL(options.connectionString)
    const host = url.hostname || url.searchParams.get('host') || 'localhost'
    return `${host}:${url.port || 5432}${url.pathname}`
  } catch {
    return 'the address given'
  }
}
