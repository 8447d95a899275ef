import { createBusinessCentralConnector } from '../connectors/business-central/connector.ts'
import {
  type BusinessCentralSettings,
  defaultScope,
  readSettings,
} from '../connectors/business-central/settings.ts'
import { createDataverseConnector } from '../connectors/dataverse/connector.ts'
import { readSettings as readDataverseSettings } from '../connectors/dataverse/settings.ts'
import { createPostgresConnector } from '../connectors/postgres/connector.ts'
import type { BudgetLimits } from '../core/budget/limits.ts'
import { SyncError } from '../core/errors.ts'
import type { Connector } from '../core/ports/connector.ts'
import type { ConnectionRecord } from '../core/ports/mapping-store.ts'
import type { EmbeddedPostgres } from '../embedded/postgres.ts'
import { type Config, resolveSecretReference } from './config.ts'
import { openModuleConnection } from './connector-modules.ts'
import { connectionUsers } from './credentials.ts'
import { type HttpSurroundings, openHttpConnection } from './http-connection.ts'
import { type Connections, keepConnections } from './kept-connections.ts'
import { isSealed, openSecret } from './sealed-secret.ts'

/** What connectors are made of besides the settings of their connection. */
export interface ConnectionSurroundings {
  readonly config: Config
  readonly embedded: EmbeddedPostgres | null
  readonly http: HttpSurroundings
}

/** The connections of a process. */
export function createConnections(around: ConnectionSurroundings): Connections {
  const { http } = around
  let opened = 0
  return keepConnections((connection) => {
    opened += 1
    // One that replaces another has a budget of its own: both are open for a while.
    return openConnector(connection, { ...around, http: { ...http, worker: `${http.worker}/${opened}` } })
  })
}

type OpenConnector = (
  connection: ConnectionRecord,
  around: ConnectionSurroundings,
) => Connector | Promise<Connector>

/** One connector per kind of system; adding a system adds a line here and a folder under src/connectors. */
const openers: Readonly<Record<string, OpenConnector>> = {
  postgres: openPostgres,
  'business-central': openBusinessCentral,
  dataverse: openDataverse,
  module: openModule,
}

async function openConnector(
  connection: ConnectionRecord,
  around: ConnectionSurroundings,
): Promise<Connector> {
  const open = Object.hasOwn(openers, connection.kind) ? openers[connection.kind] : undefined
  if (open) return open(connection, around)
  throw new SyncError(
    'CONNECTION_UNKNOWN',
    `Connection ${connection.name} is of kind ${connection.kind}; this version knows: ${Object.keys(openers).join(', ')}`,
  )
}

function openPostgres(connection: ConnectionRecord, { config, embedded }: ConnectionSurroundings): Connector {
  const { url: reference = '', announce = 'off' } = connection.settings
  if (announce !== 'on' && announce !== 'off') {
    const message = `Connection ${connection.name}: announce = '${announce}': expected on or off`
    throw new SyncError('CONFIG_INVALID', message, {
      data: { connection: connection.name, setting: 'announce' },
    })
  }
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

function openBusinessCentral(
  connection: ConnectionRecord,
  { config, http }: ConnectionSurroundings,
): Connector {
  const { id, name } = connection
  const settings = readSettings(name, connection.settings)
  const resolve = (reference: string) => resolveSecret(connection, reference, config)
  const withScope = { name, settings: { scope: defaultScope, ...connection.settings } }
  const users = connectionUsers(withScope, resolve)
  const { certificateAuthorities, overlapSeconds, webhooks } = settings
  const transport = openHttpConnection(
    {
      id,
      name,
      users,
      limits: businessCentralLimits(settings),
      timeoutMs: settings.timeoutSeconds * 1_000,
      certificateAuthorities: certificateAuthorities === undefined ? null : resolve(certificateAuthorities),
    },
    http,
  )
  return createBusinessCentralConnector({
    ...settings,
    name,
    transport,
    clock: http.clock,
    random: http.random,
    users: [...users.keys()],
    overlapMs: (overlapSeconds ?? config.watermarkOverlapSeconds) * 1_000,
    maxAnswerBytes: settings.maxAnswerMegabytes * 2 ** 20,
    announcements: webhooks && {
      notificationUrl: webhooks.notificationUrl,
      key: resolve(webhooks.keyReference),
    },
  })
}

function businessCentralLimits({
  requestsPerFiveMinutes,
  requestsAtOnce,
}: BusinessCentralSettings): BudgetLimits {
  return {
    windowMs: 300_000,
    requests: requestsPerFiveMinutes,
    executionMs: null,
    concurrency: requestsAtOnce,
  }
}

/** What the system of a connection grants each of its users; null: it has no budget. Throws CONFIG_INVALID. */
export function budgetLimitsOf({ name, kind, settings }: ConnectionRecord): BudgetLimits | null {
  if (kind === 'business-central') return businessCentralLimits(readSettings(name, settings))
  return kind === 'dataverse' ? readDataverseSettings(name, settings).limits : null
}

/** A connector of one's own. */
function openModule(connection: ConnectionRecord, { config }: ConnectionSurroundings): Promise<Connector> {
  const resolve = (reference: string) => resolveSecret(connection, reference, config)
  return openModuleConnection(connection, config.connectorsDir, resolve)
}

function openDataverse(connection: ConnectionRecord, { config, http }: ConnectionSurroundings): Connector {
  const { id, name } = connection
  const settings = readDataverseSettings(name, connection.settings)
  const resolve = (reference: string) => resolveSecret(connection, reference, config)
  const withScope = { name, settings: { scope: settings.scope, ...connection.settings } }
  const { limits, certificateAuthorities } = settings
  const transport = openHttpConnection(
    {
      id,
      name,
      users: connectionUsers(withScope, resolve),
      limits,
      timeoutMs: settings.timeoutSeconds * 1_000,
      certificateAuthorities: certificateAuthorities === undefined ? null : resolve(certificateAuthorities),
    },
    http,
  )
  return createDataverseConnector({ name, settings, transport })
}

/** The secret that a setting refers to, or holds sealed. */
function resolveSecret({ name }: ConnectionRecord, reference: string, config: Config): string {
  return isSealed(reference)
    ? openSecret(reference, name, config.secretKeys)
    : resolveSecretReference(reference)
}

/** `env:NAME`, `file:/path`, a sealed text, or `embedded:DATABASE` for a database of the embedded server. */
function resolveUrl(
  connection: ConnectionRecord,
  reference: string,
  config: Config,
  embedded: EmbeddedPostgres | null,
): string {
  if (!reference.startsWith('embedded:')) return resolveSecret(connection, reference, config)
  if (embedded === null) {
    const message = `Connection ${connection.name} lies in the embedded server, but DATABASE_URL is set, so none is started`
    throw new SyncError('CONFIG_INVALID', message)
  }
  return embedded.url(reference.slice('embedded:'.length))
}
