import { SyncError } from '../../core/errors.ts'
import { modifiedFieldMissing } from '../../core/mapping/modified-field.ts'
import type { FieldSchema, TableSchema } from '../../core/mapping/schema.ts'
import type { TableAddress } from '../../core/ports/connector.ts'
import type { CatalogTable } from './catalog.ts'
import { buildColumn, type Column } from './columns.ts'
import { displayTable, quoteName, quoteTable } from './identifiers.ts'

/** A table as the statements of this connector need it. */
export interface TableShape {
  readonly schema: TableSchema
  /** Quoted name for statements. */
  readonly sql: string
  readonly columns: ReadonlyMap<string, Column>
  /** Columns whose type is not supported, with the name of the type. */
  readonly unsupported: ReadonlyMap<string, string>
  readonly key: readonly Column[]
  readonly modified: Column | null
  /** Text that differs after every change of the row, in a statement where the table is called `t`. */
  readonly versionSql: string
  readonly foldCollation: string | null
  readonly isView: boolean
  /** INSERT takes ON CONFLICT. */
  readonly hasConflictRule: boolean
}

export interface ShapeSettings {
  /** The connection can keep a table of receipts beside its tables. */
  readonly hasReceipts: boolean
  readonly maxServerRunMs: number
}

/** Joins catalog and mapping; throws FIELD_NOT_FOUND, KEY_NOT_FOUND or MODIFIED_FIELD_MISSING. */
export function buildShape(
  catalog: CatalogTable,
  address: TableAddress,
  estimatedRows: number | null,
  settings: ShapeSettings,
): TableShape {
  const table = displayTable(catalog.name)
  const columns = new Map<string, Column>()
  const unsupported = new Map<string, string>()
  for (const each of catalog.columns) {
    const column = buildColumn(each)
    if (column) columns.set(column.name, column)
    else unsupported.set(each.name, each.typeName)
  }
  const finder = { table, columns, unsupported }
  const key = findKey(catalog, address, finder).map((name) => getColumn(finder, name))
  const modified = findModified(address, finder)
  const version = address.versionField === undefined ? null : getColumn(finder, address.versionField)
  return {
    sql: quoteTable(catalog.name),
    columns,
    unsupported,
    key,
    modified,
    versionSql: versionSql(catalog, version),
    foldCollation: catalog.foldCollation,
    isView: catalog.isView,
    hasConflictRule: catalog.hasConflictRule,
    schema: {
      table,
      fields: fieldsOf(columns, key),
      unsupportedFields: unsupported,
      keyFields: key.map((column) => column.name),
      creation: creationOf(key, settings),
      modifiedField: modified?.name ?? null,
      exactVersions: version !== null || catalog.isPlain,
      maxServerRunMs: settings.maxServerRunMs,
      estimatedRows,
    },
  }
}

interface ColumnFinder {
  readonly table: string
  readonly columns: ReadonlyMap<string, Column>
  readonly unsupported: ReadonlyMap<string, string>
}

function getColumn(finder: ColumnFinder, name: string): Column {
  const column = finder.columns.get(name)
  if (column) return column
  const type = finder.unsupported.get(name)
  const reason = type ? `is of type ${type}, which is not supported` : 'does not exist'
  const similar = [...finder.columns.keys()].find((each) => each.toLowerCase() === name.toLowerCase())
  const hint = similar && !type ? `; did you mean "${similar}"?` : ''
  throw new SyncError('FIELD_NOT_FOUND', `Table ${finder.table}: column "${name}" ${reason}${hint}`, {
    data: { table: finder.table, field: name },
  })
}

/** The columns of fields asked for; throws FIELD_NOT_FOUND. */
export function getColumns(shape: TableShape, names: readonly string[]): readonly Column[] {
  const { columns, unsupported } = shape
  const finder = { table: shape.schema.table, columns, unsupported }
  return names.map((name) => getColumn(finder, name))
}

/** Views and foreign tables have no unique index to check: the mapping's word is taken. */
function findKey(catalog: CatalogTable, address: TableAddress, finder: ColumnFinder): readonly string[] {
  const named = address.keyFields
  if (named === undefined) {
    const primary = catalog.uniqueKeys.find((unique) => unique.isPrimary)
    if (primary) return primary.columns
    throw keyNotFound(finder.table, 'has no primary key that is checked at once')
  }
  const columns = named.map((name) => getColumn(finder, name))
  if (catalog.isView) return named
  const unique = catalog.uniqueKeys.find((each) => sameNames(each.columns, named))
  if (!unique) throw keyNotFound(finder.table, `has no unique index on exactly (${named.join(', ')})`)
  const nullable = columns.find((column) => column.field.nullable)
  if (nullable) throw keyNotFound(finder.table, `lets key field ${nullable.name} be null`)
  return named
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && b.every((name) => a.includes(name))
}

export function keyNotFound(table: string, reason: string): SyncError {
  return new SyncError('KEY_NOT_FOUND', `Table ${table} ${reason}`, { data: { table } })
}

function findModified(address: TableAddress, finder: ColumnFinder): Column | null {
  const name = address.modifiedField
  if (name === undefined) return null
  const column = finder.columns.get(name)
  const kind = column?.field.type.kind
  if (column && (kind === 'instant' || kind === 'moment' || kind === 'date')) return column
  throw modifiedFieldMissing(finder.table, name, kind ?? finder.unsupported.get(name))
}

/**
 * A plain table names the transaction that wrote the row and the place where it lies: every update makes a new pair, a
 * second update by the same transaction too. Elsewhere the system columns cannot be had, and the row is hashed as a
 * whole, whatever fields are asked for, so that the version of a read and of a later write can be compared.
 */
function versionSql(catalog: CatalogTable, version: Column | null): string {
  if (version) return `coalesce(${version.sql}::text, '')`
  if (catalog.isPlain) return `(t.xmin::text || '/' || t.ctid::text)`
  // Not `t.*`: an UPDATE of a foreign table cannot return it.
  return `md5(ROW(${catalog.columns.map(({ name }) => `t.${quoteName(name)}`).join(', ')})::text)`
}

function creationOf(key: readonly Column[], settings: ShapeSettings): TableSchema['creation'] {
  if (key.every((column) => column.makes === null)) return 'given'
  return settings.hasReceipts ? 'receipt' : 'unsafe'
}

/** A key is never null, also where the system does not say so (the columns of a view). */
function fieldsOf(
  columns: ReadonlyMap<string, Column>,
  key: readonly Column[],
): ReadonlyMap<string, FieldSchema> {
  const keyNames = new Set(key.map((column) => column.name))
  return new Map(
    [...columns.values()].map(({ name, field }) => [
      name,
      keyNames.has(name) ? { ...field, nullable: false } : field,
    ]),
  )
}

/** The expression in a collation that knows upper and lower case of all letters; the column's own if it does. */
export function foldable(shape: TableShape, column: Column, sql: string): string {
  if (!column.foldsOnlyAscii || shape.foldCollation === null) return sql
  return `${sql} COLLATE ${quoteName(shape.foldCollation)}`
}
