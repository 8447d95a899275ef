import { systemClock } from '../../src/app/clock.ts'
import {
  type BusinessCentralConnectorSettings,
  createBusinessCentralConnector,
} from '../../src/connectors/business-central/connector.ts'
import { parseServiceRoot } from '../../src/connectors/http/address.ts'
import type { Credentials } from '../../src/connectors/http/sign-in.ts'
import type { Connector } from '../../src/core/ports/connector.ts'
import { type RunningBusinessCentral, scope } from '../../src/simulators/business-central/simulator.ts'
import { openTransport, type TestTransport, type TransportOptions } from './http/transport.ts'

export interface ConnectedCronus {
  readonly connector: Connector
  readonly transport: TestTransport
}

/** A connector to a simulated service: online and signed in as an application, or on-premises with an access key. */
export function connectTo(
  server: RunningBusinessCentral,
  options: Partial<BusinessCentralConnectorSettings> & {
    readonly place?: 'online' | 'on-premises'
    readonly transportOptions?: TransportOptions
  } = {},
): ConnectedCronus {
  const { place = 'online', transportOptions, ...overrides } = options
  const isOnline = place === 'online'
  const credentials: Credentials = isOnline
    ? {
        kind: 'client-secret',
        clientId: 'sync-app',
        secret: 'quiet as a mouse',
        tokenUrl: new URL(server.tokenUrl),
        scope,
      }
    : { kind: 'basic', user: 'SYNC', password: 'a key with: a colon' }
  const transport = openTransport({ users: new Map([['sync', credentials]]), ...transportOptions })
  const connector = createBusinessCentralConnector({
    name: 'bc',
    root: parseServiceRoot(isOnline ? server.onlineUrl : server.onPremisesUrl, {
      connection: 'bc',
      setting: 'url',
      allowHttp: true,
    }),
    company: server.companies[0]?.name ?? '',
    transport,
    clock: systemClock,
    users: ['sync'],
    apis: ['v2.0'],
    tables: {},
    pageSize: 5_000,
    batchSize: 100,
    overlapMs: 300_000,
    maxServerRunMs: 600_000,
    maxAnswerBytes: 64 * 2 ** 20,
    random: () => 0.5,
    announcements: null,
    wait: async () => {},
    ...overrides,
  })
  return { connector, transport }
}
