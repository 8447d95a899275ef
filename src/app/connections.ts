import { createPostgresConnector } from '../connectors/postgres/connector.ts'
import { SyncError } from '../core/errors.ts'
import type { Connector } from '../core/ports/connector.ts'
import type { ConnectionRecord } from '../core/ports/mapping-store.ts'
import type { EmbeddedPostgres } from '../embedded/postgres.ts'
import { type Config, resolveSecretReference } from './config.ts'
import { isSealed, openSecret } from './sealed-secret.ts'

/** The open connections of a process: each is opened at its first use and kept. */
export interface Connections {
  connect(connection: ConnectionRecord): Promise<Connector>
  closeAll(): Promise<void>
}

export function createConnections(config: Config, embedded: EmbeddedPostgres | null): Connections {
  const open = new Map<string, Connector>()
  return {
    async connect(connection) {
      const identity = JSON.stringify([connection.id, connection.kind, connection.settings])
      const existing = open.get(identity)
      if (existing) return existing
      const connector = openConnector(connection, config, embedded)
      open.set(identity, connector)
      return connector
    },
    async closeAll() {
      await Promise.allSettled([...open.values()].map((connector) => connector.close()))
      open.clear()
    },
  }
}

/** One connector per kind of system; adding a system adds a case here and a folder under src/connectors. */
function openConnector(
  connection: ConnectionRecord,
  config: Config,
  embedded: EmbeddedPostgres | null,
): Connector {
  if (connection.kind !== 'postgres') {
    throw new SyncError(
      'CONNECTION_UNKNOWN',
      `Connection ${connection.name} is of kind ${connection.kind}; this version knows: postgres`,
    )
  }
  const reference = connection.settings['url'] ?? ''
  return createPostgresConnector({
    name: connection.name,
    url: resolveUrl(connection, reference, config, embedded),
    urlSource: isSealed(reference) ? 'stored address' : reference,
    schema: connection.settings['schema'] ?? 'public',
    poolSize: config.concurrency * 2 + 2,
    receipts: connection.settings['receipts'] !== 'off',
    fallbackOverlapMs: config.watermarkOverlapSeconds * 1_000,
  })
}

/** `env:NAME`, `file:/path`, a sealed text, or `embedded:DATABASE` for a database of the embedded server. */
function resolveUrl(
  connection: ConnectionRecord,
  reference: string,
  config: Config,
  embedded: EmbeddedPostgres | null,
): string {
  if (isSealed(reference)) return openSecret(reference, connection.name, config.secretKeys)
  if (!reference.startsWith('embedded:')) return resolveSecretReference(reference)
  if (embedded === null) {
    const message = `Connection ${connection.name} lies in the embedded server, but DATABASE_URL is set, so none is started`
    throw new SyncError('CONFIG_INVALID', message)
  }
  return embedded.url(reference.slice('embedded:'.length))
}
