import { createDataverseConnector } from '../../src/connectors/dataverse/connector.ts'
import { type DataverseSettings, readSettings } from '../../src/connectors/dataverse/settings.ts'
import { tokenUrl } from '../../src/connectors/http/token.ts'
import type { Connector } from '../../src/core/ports/connector.ts'
import type { RunningDataverse } from '../../src/simulators/dataverse/simulator.ts'
import { application } from './dataverse.ts'
import { openTransport, type TestTransport, type TransportOptions } from './http/transport.ts'

export interface ConnectedDataverse {
  readonly connector: Connector
  readonly transport: TestTransport
}

/** A connector to a simulated organization, signed in as its application; waits take no time. */
export function connectTo(
  simulator: Pick<RunningDataverse, 'url' | 'tenant'>,
  overrides: Partial<DataverseSettings> = {},
  transportOptions: TransportOptions = {},
): ConnectedDataverse {
  const settings = { ...readSettings('crm', { url: simulator.url }), ...overrides }
  const { clientId, clientSecret: secret } = application
  const credentials = {
    kind: 'client-secret',
    clientId,
    secret,
    scope: settings.scope,
    tokenUrl: tokenUrl(new URL(simulator.url), simulator.tenant),
  } as const
  const transport = openTransport({ users: new Map([[clientId, credentials]]), ...transportOptions })
  const connector = createDataverseConnector({
    name: 'crm',
    settings,
    transport,
  })
  return { connector, transport }
}
