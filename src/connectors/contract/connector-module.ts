import type { Connector } from '../../core/ports/connector.ts'
import type { ConnectorKit } from './kit.ts'
import type { ContractSubject } from './suite.ts'

/** What a connector of one's own is made of. */
export interface ConnectorContext {
  /** Name of the connection, for messages. */
  readonly name: string
  /** The settings of the connection, as text; what is secret stands in them only by reference. */
  readonly settings: Readonly<Record<string, string>>
  /** The secret that a setting refers to (`env:NAME`, `file:/path`, or sealed). Throws CONFIG_INVALID without showing it. */
  readSecret(setting: string): string
  readonly kit: ConnectorKit
}

/** What a file with a connector of one's own exports under the name `connector` (docs/connectors.md). */
export interface ConnectorModule {
  /** Opens a connection; connects to nothing yet. Throws SyncError (CONFIG_INVALID) for a setting that is wrong. */
  connect(context: ConnectorContext): Connector | Promise<Connector>
  /** What `couplet connector test` holds to the contract. */
  contract?(kit: ConnectorKit): Omit<ContractSubject, 'name'> | Promise<Omit<ContractSubject, 'name'>>
}
