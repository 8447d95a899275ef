import type { DataverseSettings } from '../../src/connectors/dataverse/settings.ts'
import type {
  ConnectedTable,
  RecordSnapshot,
  WriteOperation,
  WriteResult,
} from '../../src/core/ports/connector.ts'
import type { Values } from '../../src/core/values/value.ts'
import { type OpenDataverse, openDataverse } from './dataverse.ts'
import { type ConnectedDataverse, connectTo } from './dataverse-connector.ts'
import type { TransportOptions } from './http/transport.ts'

export const signal = new AbortController().signal

/** An organization, and a connector to it. */
export interface Place extends ConnectedDataverse {
  readonly dataverse: OpenDataverse
  open(table: string): Promise<ConnectedTable>
  /** Requests since the last call: method and path below the root, without the query. */
  requests(): Promise<readonly string[]>
  close(): Promise<void>
}

export async function openPlace(
  settings: Partial<DataverseSettings> = {},
  transport: TransportOptions = {},
): Promise<Place> {
  const dataverse = await openDataverse({
    time: { now: () => new Date(), monotonicMs: () => performance.now() },
  })
  const connected = connectTo(dataverse.simulator, settings, transport)
  return {
    ...connected,
    dataverse,
    open: (table) => connected.connector.openTable({ table, modifiedField: 'modifiedon' }, signal),
    async requests() {
      const all: readonly { method: string; url: string }[] = await dataverse.admin('requests')
      await dataverse.admin('counters', undefined, 'DELETE')
      return all
        .filter(({ url }) => url.startsWith('/api/data/v9.2/'))
        .map(({ method, url }) => `${method} ${url.slice('/api/data/v9.2/'.length).split('?')[0]}`)
    },
    async close() {
      await connected.connector.close()
      await dataverse.close()
    },
  }
}

/** An id by a short number. */
export function idOf(number: number): string {
  return `aaaaaaaa-0000-4000-8000-${String(number).padStart(12, '0')}`
}

export function keyOf(number: number): string {
  return `uuid:${idOf(number)}`
}

export function insertOf(number: number, values: Values): WriteOperation {
  return { kind: 'insert', token: `token ${number}`, key: keyOf(number), values }
}

export async function write(
  table: ConnectedTable,
  operations: readonly WriteOperation[],
  returning: readonly string[] = [],
): Promise<readonly WriteResult[]> {
  return table.write({ operations, returning, assertMaySend: () => {}, signal })
}

/** The only record of a key; fails the test where there is none. */
export async function read(
  table: ConnectedTable,
  key: string,
  fields: readonly string[],
): Promise<RecordSnapshot> {
  const found = (await table.readByKeys([key], fields, signal)).get(key)
  if (!found) throw new Error(`No record ${key}`)
  return found
}
