import type { Connector } from '../../core/ports/connector.ts'
import type { Transport } from '../http/transport.ts'
import { DATE_PRECISION_MS, ODataClient, type RequestContext } from '../odata/client.ts'
import { failureError } from '../odata/failure.ts'
import { BatchSize } from './batch-size.ts'
import { listEntitySets } from './metadata.ts'
import { parseChoice } from './option-metadata.ts'
import { openOptionTable } from './option-table.ts'
import type { DataverseSettings } from './settings.ts'
import { openTable, type TableSettings } from './table.ts'
import type { EntitySets } from './write-body.ts'

export interface DataverseConnectorSettings {
  readonly name: string
  readonly settings: DataverseSettings
  readonly transport: Transport
}

/** A connector for the tables of one Dataverse organization (connectors.md A). Connects when it is first used. */
export function createDataverseConnector(options: DataverseConnectorSettings): Connector {
  const { name, settings, transport } = options
  const maxAnswerBytes = settings.maxAnswerMegabytes * 2 ** 20
  const client = new ODataClient({ connection: name, root: settings.root, transport, maxAnswerBytes })
  const tables = new KnownTables(client)
  const tableSettings: TableSettings = {
    client,
    overlapMs: settings.overlapSeconds * 1_000,
    maxServerRunMs: settings.maxServerRunMs,
    write: {
      batchSize: new BatchSize({
        ...batchLimits,
        first: settings.batchSize,
        ceiling: settings.largestBatch,
      }),
      bulkSize: new BatchSize({ ...bulkLimits, first: settings.bulkSize }),
      parallelism: settings.parallelism,
      headers: writeHeaders(settings),
      // Duplicate rules are asked record by record.
      mayCreateInBulk: !settings.detectsDuplicates && settings.bulkSize > 0,
      entitySets: (names, signal) => tables.having(names, { signal }),
    },
  }
  const optionSettings = {
    client,
    maxServerRunMs: settings.maxServerRunMs,
    mayWrite: settings.writeOptions === 'yes',
  }
  return {
    name,
    async check(signal) {
      const answer = await client.send({ method: 'GET', path: 'WhoAmI', signal, lane: 'interactive' })
      if (!answer.ok) throw failureError(answer.failure, 'ask who it is', client.facts)
    },
    async readClock(signal) {
      const at = await client.readTime('WhoAmI', { signal, lane: 'interactive' })
      const { overlapMs } = tableSettings
      return at && { atMs: at.getTime(), precisionMs: DATE_PRECISION_MS, overlapMs }
    },
    listTables: async (signal) => [...(await tables.refreshed({ signal })).keys()].sort(),
    openTable(address, signal) {
      const choice = parseChoice(address.table)
      return choice === null
        ? openTable(tableSettings, address, signal)
        : openOptionTable(optionSettings, choice, address, signal)
    },
    close: () => client.close(),
  }
}

/** A batch that takes two seconds shows what was written soon enough, and is not in the way of others. */
const batchLimits = { floor: 1, targetMs: 2_000, step: 5 }
/** `CreateMultiple` pays the more, the larger it is; a request must end within two minutes. */
const bulkLimits = { floor: 1, ceiling: 1_000, targetMs: 10_000, step: 50 }

/** Special headers of writes (connectors.md A.11). */
function writeHeaders({ detectsDuplicates, bypassBusinessLogic }: DataverseSettings) {
  return {
    ...(detectsDuplicates ? { 'MSCRM.SuppressDuplicateDetection': 'false' } : {}),
    ...(bypassBusinessLogic === undefined
      ? {}
      : { 'MSCRM.BypassBusinessLogicExecution': bypassBusinessLogic }),
  }
}

/** The names of tables never change; the list is asked for again when one is missing that may be new. */
class KnownTables {
  private readonly client: ODataClient
  private known: EntitySets = new Map()
  private readonly missing = new Set<string>()

  constructor(client: ODataClient) {
    this.client = client
  }

  async refreshed(context: RequestContext): Promise<EntitySets> {
    this.known = await listEntitySets(this.client, context)
    return this.known
  }

  async having(tables: readonly string[], context: RequestContext): Promise<EntitySets> {
    const isNew = (table: string) => !this.known.has(table) && !this.missing.has(table)
    if (tables.some(isNew)) await this.refreshed(context)
    for (const table of tables) if (!this.known.has(table)) this.missing.add(table)
    return this.known
  }
}
