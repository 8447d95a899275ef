import { SyncError } from '../../core/errors.ts'
import { modifiedFieldMissing } from '../../core/mapping/modified-field.ts'
import type { FieldSchema, TableSchema } from '../../core/mapping/schema.ts'
import type { TableAddress } from '../../core/ports/connector.ts'
import type { HttpFacts } from '../http/http.ts'
import type { FilterProperties } from '../odata/filter.ts'
import { type Column, columnsOf } from './column.ts'
import type { TableDescription } from './metadata.ts'
import type { StateOptions } from './state-pair.ts'

/** A table as the requests of this connector need it. */
export interface TableShape {
  readonly schema: TableSchema
  readonly facts: HttpFacts
  readonly entitySet: string
  /** By field name. */
  readonly columns: ReadonlyMap<string, Column>
  readonly key: Column
  readonly modified: Column | null
  readonly filterProperties: FilterProperties
  readonly stateOptions: StateOptions
  readonly alternateKeys: readonly (readonly string[])[]
  readonly hasCreateMultiple: boolean
  /** Records can be written on condition of their version. */
  readonly hasVersions: boolean
  readonly hasChangeTracking: boolean
  readonly readPrivilege: string | null
  /** Changes are found by `versionnumber`; else every pass reads everything. */
  readonly isVersioned: boolean
}

/** Joins description and mapping; throws FIELD_NOT_FOUND, KEY_NOT_FOUND or MODIFIED_FIELD_MISSING. */
export function buildShape(
  table: TableDescription,
  address: TableAddress,
  settings: { readonly facts: HttpFacts; readonly maxServerRunMs: number },
): TableShape {
  const columns = new Map<string, Column>()
  const unsupported = new Map<string, string>()
  for (const attribute of table.attributes) {
    const found = columnsOf(attribute, table)
    if (typeof found === 'string') unsupported.set(attribute.LogicalName, found)
    else for (const column of found) columns.set(column.field.name, column)
  }
  const finder = { table: table.logicalName, columns, unsupported }
  const key = findKey(table, address, finder)
  if (address.versionField !== undefined) columnIn(finder, address.versionField)
  const modified = findModified(address, finder)
  return {
    facts: settings.facts,
    entitySet: table.entitySet,
    columns,
    key,
    modified,
    filterProperties: filterPropertiesOf(columns),
    stateOptions: {
      states: table.options.get('statecode') ?? [],
      statuses: table.options.get('statuscode') ?? [],
    },
    alternateKeys: table.alternateKeys,
    hasCreateMultiple: table.hasCreateMultiple,
    hasVersions: table.hasVersions,
    hasChangeTracking: table.hasChangeTracking,
    readPrivilege: table.readPrivilege,
    isVersioned: modified?.field.name === 'modifiedon' && columns.has('versionnumber'),
    schema: {
      table: table.logicalName,
      fields: new Map([...columns].map(([name, { field }]): [string, FieldSchema] => [name, field])),
      unsupportedFields: unsupported,
      keyFields: [key.field.name],
      creation: 'given',
      modifiedField: modified?.field.name ?? null,
      exactVersions: true,
      maxServerRunMs: settings.maxServerRunMs,
      estimatedRows: null,
    },
  }
}

interface ColumnFinder {
  readonly table: string
  readonly columns: ReadonlyMap<string, Column>
  readonly unsupported: ReadonlyMap<string, string>
}

function columnIn({ table, columns, unsupported }: ColumnFinder, name: string): Column {
  const column = columns.get(name)
  if (column) return column
  const type = unsupported.get(name)
  const reason = type ? `is of type ${type}, which is not supported` : 'does not exist'
  const similar = [...columns.keys()].find((each) => each.toLowerCase() === name.toLowerCase())
  const hint = similar && !type ? `; did you mean "${similar}"?` : ''
  throw new SyncError('FIELD_NOT_FOUND', `Table ${table}: column "${name}" ${reason}${hint}`, {
    data: { table, field: name },
  })
}

/** The column of a field asked for; throws FIELD_NOT_FOUND. */
export function getColumn({ schema, columns }: TableShape, name: string): Column {
  const { table, unsupportedFields: unsupported } = schema
  return columns.get(name) ?? columnIn({ table, columns, unsupported: unsupported ?? new Map() }, name)
}

/** The columns of fields asked for; throws FIELD_NOT_FOUND. */
export function getColumns(shape: TableShape, names: readonly string[]): readonly Column[] {
  return names.map((name) => getColumn(shape, name))
}

/** Records are known by their id, which never changes; alternate keys may. */
function findKey(table: TableDescription, { keyFields }: TableAddress, finder: ColumnFinder): Column {
  for (const name of keyFields ?? []) columnIn(finder, name)
  if (keyFields !== undefined && (keyFields.length !== 1 || keyFields[0] !== table.primaryId)) {
    const message = `Table ${table.logicalName} is keyed by ${table.primaryId}, not by ${keyFields.join(', ')}`
    throw new SyncError('KEY_NOT_FOUND', message, { data: { table: table.logicalName } })
  }
  return columnIn(finder, table.primaryId)
}

function findModified({ modifiedField: name }: TableAddress, finder: ColumnFinder): Column | null {
  if (name === undefined) return null
  const column = finder.columns.get(name)
  const kind = column?.field.type.kind
  if (column && (kind === 'instant' || kind === 'moment' || kind === 'date')) return column
  throw modifiedFieldMissing(finder.table, name, kind ?? finder.unsupported.get(name))
}

function filterPropertiesOf(columns: ReadonlyMap<string, Column>): FilterProperties {
  return new Map(
    [...columns]
      .filter(([, { typeOf }]) => typeOf === null)
      .map(([name, { property, edm, field, scale }]) => [
        name,
        { name: property, type: edm, nullable: field.nullable, scale, blank: null },
      ]),
  )
}
