import { createHash } from 'node:crypto'
import type { BoundFilter } from '../../../src/core/mapping/filter.ts'
import type { TableSchema } from '../../../src/core/mapping/schema.ts'
import type {
  ConnectedTable,
  Connector,
  RecordSnapshot,
  WriteOperation,
  WriteResult,
} from '../../../src/core/ports/connector.ts'
import { decodeKey, type RecordKey } from '../../../src/core/values/key.ts'
import { rawOf, type Values } from '../../../src/core/values/value.ts'

/**
 * Ids for the keys of the contract, which may be of any type: the same key always has the same one, and they order like the
 * first letters of the keys, as SQL Server orders ids.
 */
export class ContractKeys {
  private readonly keys = new Map<string, RecordKey>()

  idOf(key: RecordKey): string {
    const raw = decodeKey(key).map(rawOf).join()
    const hex = createHash('sha256').update(key).digest('hex')
    const first = Buffer.from(raw.normalize('NFC')).subarray(0, 6).toString('hex').padEnd(12, '0')
    const id = key.startsWith('uuid:')
      ? raw
      : `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${first}`
    this.keys.set(id, key)
    return id
  }

  keyOf(wire: RecordKey): RecordKey {
    return this.keys.get(rawOf(decodeKey(wire)[0] ?? null)) ?? wire
  }
}

/** How one table of the contract is called in the system. */
export interface WireNames {
  readonly table: string
  readonly toField: (name: string) => string
  readonly toName: (field: string) => string
}

/** A connector to a system that knows its records by ids, under the names and keys of the contract. */
export function idKeyedConnector(
  connector: Connector,
  keys: ContractKeys,
  namesOf: (table: string) => WireNames,
  tableOf: (wire: string) => string,
): Connector {
  return {
    name: connector.name,
    check: (signal) => connector.check(signal),
    listTables: async (signal) => (await connector.listTables(signal)).map(tableOf),
    openTable: async (address, signal) => {
      const names = namesOf(address.table)
      const wire = {
        ...address,
        table: names.table,
        keyFields: address.keyFields?.map(names.toField),
        modifiedField: address.modifiedField === undefined ? undefined : names.toField(address.modifiedField),
        versionField: address.versionField === undefined ? undefined : names.toField(address.versionField),
      }
      return renamedTable(await connector.openTable(wire, signal), address.table, keys, names)
    },
    close: () => connector.close(),
  }
}

function renamedTable(
  table: ConnectedTable,
  name: string,
  keys: ContractKeys,
  { toField, toName }: WireNames,
): ConnectedTable {
  const wireKey = (key: RecordKey): RecordKey => `uuid:${keys.idOf(key)}`
  const record = ({ key, version, modifiedAt, values }: RecordSnapshot): RecordSnapshot => ({
    key: keys.keyOf(key),
    version,
    modifiedAt,
    values: renamed(values, toName),
  })
  const asked = <T extends { readonly fields: readonly string[]; readonly filter: BoundFilter | null }>(
    request: T,
  ): T => ({
    ...request,
    fields: request.fields.map(toField),
    filter: request.filter && filterOf(request.filter, toField),
  })
  const toWire = (operation: WriteOperation): WriteOperation => {
    if (operation.kind === 'delete') return { ...operation, key: wireKey(operation.key) }
    const values = renamed(operation.values, toField)
    if (operation.kind === 'update') return { ...operation, key: wireKey(operation.key), values }
    return { ...operation, key: operation.key === null ? null : wireKey(operation.key), values }
  }
  const { tombstones } = table
  return {
    ...table,
    schema: schemaOf(table.schema, name, toName),
    tombstones: tombstones && {
      takeMark: (signal) => tombstones.takeMark(signal),
      read: async (request) => {
        const page = await tombstones.read(request)
        return page && { ...page, keys: page.keys.map((key) => keys.keyOf(key)) }
      },
    },
    readChanges: async (request) => {
      const page = await table.readChanges(asked(request))
      return { ...page, records: page.records.map(record) }
    },
    readAll: async (request) => {
      const page = await table.readAll(asked(request))
      return { ...page, records: page.records.map(record) }
    },
    readByKeys: async (all, fields, signal) => {
      const found = await table.readByKeys(all.map(wireKey), fields.map(toField), signal)
      return new Map([...found.values()].map((each) => [keys.keyOf(each.key), record(each)]))
    },
    listKeys: async (request) => {
      const page = await table.listKeys(request)
      return { ...page, keys: page.keys.map((key) => keys.keyOf(key)) }
    },
    findByMatch: async (request) => {
      const matchFields = request.matchFields.map((match) => ({ ...match, field: toField(match.field) }))
      const found = await table.findByMatch({ ...asked(request), matchFields })
      return found.map((records) => records.map(record))
    },
    write: async (request) => {
      const wire = {
        ...request,
        operations: request.operations.map(toWire),
        returning: request.returning.map(toField),
      }
      return (await table.write(wire)).map((result) => resultOf(result, record, toName))
    },
  }
}

function resultOf(
  result: WriteResult,
  record: (found: RecordSnapshot) => RecordSnapshot,
  toName: (field: string) => string,
): WriteResult {
  if ('record' in result) return { ...result, record: record(result.record) }
  if (result.status !== 'rejected') return result
  const { field } = result.problem
  return { ...result, problem: { ...result.problem, field: field === null ? null : toName(field) } }
}

function schemaOf(schema: TableSchema, table: string, toName: (field: string) => string): TableSchema {
  const { modifiedField } = schema
  return {
    ...schema,
    table,
    fields: new Map(
      [...schema.fields].map(([field, each]) => [toName(field), { ...each, name: toName(field) }] as const),
    ),
    modifiedField: modifiedField === null ? null : toName(modifiedField),
  }
}

function filterOf(filter: BoundFilter, toField: (name: string) => string): BoundFilter {
  if ('and' in filter) return { and: filter.and.map((part) => filterOf(part, toField)) }
  if ('or' in filter) return { or: filter.or.map((part) => filterOf(part, toField)) }
  if ('not' in filter) return { not: filterOf(filter.not, toField) }
  return { ...filter, field: toField(filter.field) }
}

function renamed(values: Values, name: (field: string) => string): Values {
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [name(field), value]))
}
