import type { BoundFilter } from '../../../src/core/mapping/filter.ts'
import type { TableSchema } from '../../../src/core/mapping/schema.ts'
import type {
  ConnectedTable,
  Connector,
  RecordSnapshot,
  WriteOperation,
  WriteResult,
} from '../../../src/core/ports/connector.ts'
import type { Values } from '../../../src/core/values/value.ts'

/** `id` is `Cid`: a field of the contract is none of those that a system keeps for itself. */
export function fieldName(name: string): string {
  return `C${plainName(name)}`
}

/** `E-Mail` is `E_2d_Mail`: no two names become one. */
export function plainName(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, (character) => `_${character.charCodeAt(0).toString(16)}_`)
}

function contractName(name: string): string {
  return name.replace(/_([0-9a-f]+)_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

/**
 * A connector to a system that takes letters, digits and underscores only, under the names of the contract. Errors keep
 * the names of the system. `prefix`: what stands before the name of every table.
 */
export function renamedConnector(connector: Connector, prefix: string): Connector {
  const field = { to: fieldName, from: (name: string) => contractName(name.slice(1)) }
  return {
    name: connector.name,
    check: (signal) => connector.check(signal),
    listTables: async (signal) =>
      (await connector.listTables(signal)).map((table) => contractName(table.slice(prefix.length))),
    openTable: async (address, signal) => {
      const wire = {
        ...address,
        table: prefix + plainName(address.table),
        keyFields: address.keyFields?.map(fieldName),
        modifiedField: address.modifiedField === undefined ? undefined : fieldName(address.modifiedField),
        versionField: address.versionField === undefined ? undefined : fieldName(address.versionField),
      }
      return renamedTable(await connector.openTable(wire, signal), address.table, field)
    },
    close: () => connector.close(),
  }
}

interface Names {
  readonly to: (name: string) => string
  readonly from: (name: string) => string
}

function renamedTable(table: ConnectedTable, name: string, { to, from }: Names): ConnectedTable {
  const names = (list: readonly string[]) => list.map(to)
  const toWire = (values: Values): Values => renamed(values, to)
  const record = (found: RecordSnapshot): RecordSnapshot => ({
    ...found,
    values: renamed(found.values, from),
  })
  const asked = <T extends { readonly fields: readonly string[]; readonly filter: BoundFilter | null }>(
    request: T,
  ): T => ({
    ...request,
    fields: names(request.fields),
    filter: request.filter && filterOf(request.filter, to),
  })
  return {
    ...table,
    schema: schemaOf(table.schema, name, from),
    readChanges: async (request) => {
      const page = await table.readChanges(asked(request))
      return { ...page, records: page.records.map(record) }
    },
    readAll: async (request) => {
      const page = await table.readAll(asked(request))
      return { ...page, records: page.records.map(record) }
    },
    readByKeys: async (keys, fields, signal) => {
      const found = await table.readByKeys(keys, names(fields), signal)
      return new Map([...found].map(([key, each]) => [key, record(each)]))
    },
    findByMatch: async (request) => {
      const matchFields = request.matchFields.map((match) => ({ ...match, field: to(match.field) }))
      const found = await table.findByMatch({ ...asked(request), matchFields })
      return found.map((records) => records.map(record))
    },
    write: async (request) => {
      const operations = request.operations.map(
        (operation): WriteOperation =>
          operation.kind === 'delete' ? operation : { ...operation, values: toWire(operation.values) },
      )
      const results = await table.write({ ...request, operations, returning: names(request.returning) })
      return results.map((result) => resultOf(result, record, from))
    },
  }
}

function resultOf(
  result: WriteResult,
  record: (found: RecordSnapshot) => RecordSnapshot,
  from: (name: string) => string,
): WriteResult {
  if ('record' in result) return { ...result, record: record(result.record) }
  if (result.status !== 'rejected') return result
  const { field } = result.problem
  return { ...result, problem: { ...result.problem, field: field === null ? null : from(field) } }
}

function schemaOf(schema: TableSchema, table: string, from: (name: string) => string): TableSchema {
  const { modifiedField } = schema
  return {
    ...schema,
    table,
    fields: new Map(
      [...schema.fields].map(([name, field]) => [from(name), { ...field, name: from(name) }] as const),
    ),
    keyFields: schema.keyFields.map(from),
    modifiedField: modifiedField === null ? null : from(modifiedField),
  }
}

function filterOf(filter: BoundFilter, to: (name: string) => string): BoundFilter {
  if ('and' in filter) return { and: filter.and.map((part) => filterOf(part, to)) }
  if ('or' in filter) return { or: filter.or.map((part) => filterOf(part, to)) }
  if ('not' in filter) return { not: filterOf(filter.not, to) }
  return { ...filter, field: to(filter.field) }
}

function renamed(values: Values, name: (name: string) => string): Values {
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [name(field), value]))
}
