import { hash } from 'node:crypto'
import { SyncError } from '../../core/errors.ts'
import type { ConnectedTable, Connector, TableAddress } from '../../core/ports/connector.ts'
import type { Clock } from '../../core/ports/runtime.ts'
import { present } from '../../lib/assert.ts'
import { canonicalText } from '../../lib/canonical-text.ts'
import { sleep } from '../../lib/sleep.ts'
import type { Transport } from '../http/transport.ts'
import { DATE_PRECISION_MS } from '../odata/client.ts'
import type { EdmEntityType } from '../odata/csdl.ts'
import { type AnnouncementSettings, Subscriptions } from './announcements.ts'
import { readByKeys } from './by-value.ts'
import { readChanges, takeWatermark } from './changes.ts'
import { findByMatch } from './find-by-match.ts'
import { listKeys, readAll } from './pages.ts'
import { Service } from './service.ts'
import { buildShape, type TableShape } from './shape.ts'
import { standardTables, type TableFacts } from './standard-tables.ts'
import { findApi, parseTableName, type TableName, tablePrefix } from './table-name.ts'
import { TableWriter } from './write.ts'

export interface BusinessCentralConnectorSettings {
  readonly name: string
  /** Root of the service, with tenant and environment in it; ends with a slash. */
  readonly root: URL
  readonly company: string
  readonly transport: Transport
  readonly clock: Clock
  /** Names of the users the transport signs in as: another one may see other records. */
  readonly users: readonly string[]
  /** APIs whose tables are listed. */
  readonly apis: readonly string[]
  /** By the name of the table; what the metadata does not tell. */
  readonly tables: Readonly<Record<string, TableFacts>>
  /** Most records of one page. */
  readonly pageSize: number
  /** Most writes of one request. */
  readonly batchSize: number
  readonly overlapMs: number
  /** Longest time a write that was sent can take effect. */
  readonly maxServerRunMs: number
  readonly maxAnswerBytes: number
  readonly random: () => number
  /** Where changes are to be announced, and the key for its proofs; null where they are not. */
  readonly announcements: Pick<AnnouncementSettings, 'notificationUrl' | 'key'> | null
  /** Ends early when the signal is aborted. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** A connector for one company of Business Central or NAV, by its APIs and its page web services (connectors.md B). */
export function createBusinessCentralConnector(settings: BusinessCentralConnectorSettings): Connector {
  const service = new Service({ ...settings, connection: settings.name })
  const apis = settings.apis.map((api) => present(findApi(api), 'api'))
  const { announcements, clock } = settings
  return {
    name: settings.name,
    announcements:
      announcements && new Subscriptions(service, { ...announcements, connection: settings.name, clock }),
    check: (signal) => service.check(present(apis[0], 'api'), signal),
    async readClock(signal) {
      const at = await service.readTime(present(apis[0], 'api'), signal)
      return at && { atMs: at.getTime(), precisionMs: DATE_PRECISION_MS, overlapMs: settings.overlapMs }
    },
    async listTables(signal) {
      const tables: string[] = []
      for (const api of apis) {
        const { entitySets } = await service.metadata(api, signal)
        const names = [...entitySets.keys()].filter((name) => !notTables.has(name))
        tables.push(...names.map((name) => tablePrefix(api) + name))
      }
      return tables
    },
    openTable: (address, signal) => openTable(service, settings, address, signal),
    close: () => service.close(),
  }
}

/** What every API has besides its tables. */
const notTables: ReadonlySet<string> = new Set(['companies', 'Company', 'subscriptions'])

async function openTable(
  service: Service,
  settings: BusinessCentralConnectorSettings,
  address: TableAddress,
  signal: AbortSignal,
): Promise<ConnectedTable> {
  const name = parseTableName(address.table, settings.name)
  const { model, entity } = await describe(service, name, signal)
  if (!entity) throw tableNotFound(settings.name, address.table)
  const company = await service.companyPath(name.api, signal)
  const client = service.client(name.api)
  const path = `${company}/${encodeURIComponent(name.entitySet)}`
  const facts = factsOf(name, address.table, entity, settings)
  const { maxServerRunMs } = settings
  const pacing = { wait: settings.wait ?? sleep, random: settings.random }
  const shape = buildShape({ client, path, pacing, entity, model }, address, { facts, maxServerRunMs })
  return connectedTable(shape, settings, address)
}

/** A table that is not in the metadata we have may have come with an extension since. */
async function describe(service: Service, { api, entitySet }: TableName, signal: AbortSignal) {
  const known = await service.metadata(api, signal)
  const model = known.entitySets.has(entitySet) ? known : await service.metadata(api, signal, known)
  return { model, entity: model.entitySets.get(entitySet) }
}

function connectedTable(
  shape: TableShape,
  settings: BusinessCentralConnectorSettings,
  address: TableAddress,
): ConnectedTable {
  const { clock, overlapMs, batchSize } = settings
  const changes = { overlapMs, now: () => clock.now() }
  const acceptDuplicateRisk = address.acceptDuplicateRisk ?? false
  const writer = new TableWriter(shape, { batchSize, acceptDuplicateRisk })
  const limited = <T extends { readonly limit: number }>(request: T): T => ({
    ...request,
    limit: Math.min(request.limit, settings.pageSize),
  })
  return {
    schema: shape.schema,
    tombstones: null,
    takeWatermark: (abort) => takeWatermark(shape, changes, abort),
    readChanges: (request) => readChanges(shape, changes, limited(request)),
    readAll: (request) => readAll(shape, limited(request)),
    readByKeys: (keys, fields, abort) => readByKeys(shape, keys, fields, abort),
    findByMatch: (request) => findByMatch(shape, request),
    readAccess: async () => accessOf(shape, settings),
    listKeys: (request) => listKeys(shape, limited(request)),
    write: (request) => writer.write(request),
  }
}

/** What is built in holds as far as this version of the service has the fields; settings go before it. */
function factsOf(
  { api, entitySet }: TableName,
  table: string,
  entity: EdmEntityType,
  settings: BusinessCentralConnectorSettings,
): TableFacts {
  const builtIn = api.kind === 'standard' ? (standardTables[entitySet] ?? {}) : {}
  const has = (name: string) => entity.properties.has(name)
  const { codeFields, businessKey, requiredFields, readOnlyFields, numberSeries } = builtIn
  return {
    codeFields: codeFields?.filter(has),
    businessKey: businessKey?.every(has) ? businessKey : undefined,
    numberSeries,
    requiredFields: requiredFields?.filter(has),
    readOnlyFields: readOnlyFields?.filter(has),
    ...settings.tables[table],
  }
}

/**
 * Who asks, where, and how the table is described. The service tells nobody his permission sets, nor their security
 * filters: a change of these is not part of it (docs/connectors/business-central.md).
 */
function accessOf(
  { path, schema }: TableShape,
  { root, users }: BusinessCentralConnectorSettings,
): Promise<string> {
  const fields = [...schema.fields.values()]
  return Promise.resolve(hash('sha1', canonicalText([root.href, users, path, fields]), 'base64'))
}

function tableNotFound(connection: string, table: string): SyncError {
  return new SyncError('TABLE_NOT_FOUND', `Connection ${connection} has no table ${table}`, {
    data: { connection, table },
  })
}
