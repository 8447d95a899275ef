import type { BoundFilter } from '../../../src/core/mapping/filter.ts'
import type { TableSchema } from '../../../src/core/mapping/schema.ts'
import type {
  ConnectedTable,
  Connector,
  RecordSnapshot,
  WriteOperation,
  WriteResult,
} from '../../../src/core/ports/connector.ts'
import type { RecordKey } from '../../../src/core/values/key.ts'
import type { Values } from '../../../src/core/values/value.ts'

/** A name with nothing but letters, digits and underscores: `No.` is `No_2e_`, and no two names become one. */
export function wireName(name: string, others: RegExp = /[^A-Za-z0-9]/g): string {
  return name.replace(others, (character) => `_${character.charCodeAt(0).toString(16)}_`)
}

export function contractName(name: string): string {
  return name.replace(/_([0-9a-f]+)_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** How one table of the contract is called in the system. */
export interface WireNames {
  readonly table: string
  readonly toField: (name: string) => string
  readonly toName: (field: string) => string
}

/** How the keys of the contract are written in the system. */
export interface WireKeys {
  toWire(key: RecordKey): RecordKey
  toContract(wire: RecordKey): RecordKey
}

export interface Renaming {
  readonly namesOf: (table: string) => WireNames
  /** A table of the system, as the contract calls it. */
  readonly tableOf: (wire: string) => string
  /** Null: keys are the same. */
  readonly keys: WireKeys | null
}

const sameKeys: WireKeys = { toWire: (key) => key, toContract: (key) => key }

/** A connector to a system that takes other names, and perhaps other keys, under those of the contract. */
export function renamedConnector(connector: Connector, { namesOf, tableOf, keys }: Renaming): Connector {
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
      return renamedTable(await connector.openTable(wire, signal), address.table, keys ?? sameKeys, names)
    },
    close: () => connector.close(),
  }
}

function renamedTable(
  table: ConnectedTable,
  name: string,
  keys: WireKeys,
  { toField, toName }: WireNames,
): ConnectedTable {
  const record = ({ key, version, modifiedAt, values }: RecordSnapshot): RecordSnapshot => ({
    key: keys.toContract(key),
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
    if (operation.kind === 'delete') return { ...operation, key: keys.toWire(operation.key) }
    const values = renamed(operation.values, toField)
    if (operation.kind === 'update') return { ...operation, key: keys.toWire(operation.key), values }
    return { ...operation, key: operation.key === null ? null : keys.toWire(operation.key), values }
  }
  const { tombstones } = table
  return {
    ...table,
    schema: schemaOf(table.schema, name, toName),
    tombstones: tombstones && {
      takeMark: (signal) => tombstones.takeMark(signal),
      read: async (request) => {
        const page = await tombstones.read(request)
        return page && { ...page, keys: page.keys.map((key) => keys.toContract(key)) }
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
      const found = await table.readByKeys(
        all.map((key) => keys.toWire(key)),
        fields.map(toField),
        signal,
      )
      return new Map([...found.values()].map((each) => [keys.toContract(each.key), record(each)]))
    },
    listKeys: async (request) => {
      const page = await table.listKeys(request)
      return { ...page, keys: page.keys.map((key) => keys.toContract(key)) }
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
    keyFields: schema.keyFields.map(toName),
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
