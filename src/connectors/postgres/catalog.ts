import { z } from 'zod'
import { SyncError } from '../../core/errors.ts'
import { present } from '../../lib/assert.ts'
import { groupBy } from '../../lib/group.ts'
import {
  columnsSql,
  foldCollationSql,
  relationSql,
  similarSql,
  tablesSql,
  uniqueIndexesSql,
} from './catalog-sql.ts'
import type { CatalogColumn } from './columns.ts'
import { displayTable, possibleTables, type TableName } from './identifiers.ts'
import type { Row } from './rows.ts'
import type { Session } from './session.ts'

/** What the catalog says of one table, view or foreign table. */
export interface CatalogTable {
  readonly name: TableName
  readonly oid: string
  /** An ordinary table, whose rows have system columns. */
  readonly isPlain: boolean
  /** A view or a foreign table: its rows lie elsewhere, and no index of its own says which columns are unique. */
  readonly isView: boolean
  /** INSERT takes ON CONFLICT. */
  readonly hasConflictRule: boolean
  /** Rows by the planner's statistics; negative: never counted. */
  readonly estimatedRows: number
  readonly columns: readonly CatalogColumn[]
  /** Columns of each unique index, the primary key first. */
  readonly uniqueKeys: readonly { readonly isPrimary: boolean; readonly columns: readonly string[] }[]
  /** Collation in which upper and lower case work for all letters, or null. */
  readonly foldCollation: string | null
}

/** Reads one table; throws TABLE_NOT_FOUND, with the name it may have been. */
export async function readCatalog(
  session: Session,
  address: string,
  searchSchema: string,
  signal: AbortSignal,
): Promise<CatalogTable> {
  const names = possibleTables(address, searchSchema)
  const wanted = [names.map((name) => name.schema), names.map((name) => name.table)]
  const [relation] = await session.rows(relationSql, wanted, signal)
  if (!relation) throw await tableNotFound(session, address, searchSchema, signal)
  const [schema, table, kind, oid, rows, hasConflictRule] = relation.map((column) =>
    present(column, 'catalog column'),
  )
  const id = present(oid, 'oid')
  const [columns, keys, fold] = await Promise.all([
    session.rows(columnsSql, [id], signal),
    session.rows(uniqueIndexesSql, [id], signal),
    session.rows(foldCollationSql, [], signal),
  ])
  return {
    name: { schema: present(schema, 'schema'), table: present(table, 'table') },
    oid: id,
    isPlain: kind === 'r',
    isView: kind !== 'r' && kind !== 'p',
    hasConflictRule: hasConflictRule === 't',
    estimatedRows: Number(rows),
    columns: columns.map(parseColumn),
    uniqueKeys: parseUniqueKeys(keys),
    foldCollation: fold[0]?.[0] ?? null,
  }
}

async function tableNotFound(session: Session, address: string, searchSchema: string, signal: AbortSignal) {
  const bare = possibleTables(address, searchSchema).at(-1)?.table ?? address
  const [similar] = await session.rows(similarSql, [bare], signal)
  const [schema, table] = similar ?? []
  const hint = schema && table ? `; did you mean ${displayTable({ schema, table })}?` : ''
  const { name, database } = session.facts
  return new SyncError(
    'TABLE_NOT_FOUND',
    `Connection ${name}: database ${database} has no table ${address} (unqualified names are looked up in schema ${searchSchema})${hint}`,
    { data: { connection: name, table: address, schema: searchSchema } },
  )
}

/** All tables and views a user of the connection may see, each by a name that `readCatalog` takes. */
export async function readTableNames(
  session: Session,
  searchSchema: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const rows = await session.rows(tablesSql, [searchSchema], signal)
  return rows.map(([schema, table]) => {
    const name = { schema: present(schema, 'schema'), table: present(table, 'table') }
    return name.schema === searchSchema ? name.table : displayTable(name)
  })
}

const Domains = z.array(z.string())
const identities = { a: 'always', d: 'by default' } as const

function parseColumn(row: Row): CatalogColumn {
  const [name, typeSchema, typeName, isEnum, modifier, domains, notNull, hasDefault, isComputed, identity] =
    row
  const [makes, isUpdatable, foldsOnlyAscii, isDeterministic] = row.slice(10)
  return {
    name: present(name, 'column name'),
    typeSchema: present(typeSchema, 'type schema'),
    typeName: present(typeName, 'type name'),
    isEnum: isEnum === 't',
    typeModifier: Number(modifier),
    domains: Domains.parse(JSON.parse(domains ?? '[]')),
    notNull: notNull === 't',
    hasDefault: hasDefault === 't',
    isComputed: isComputed === 't',
    identity: identity === 'a' || identity === 'd' ? identities[identity] : null,
    makes: makes ?? null,
    isUpdatable: isUpdatable === 't',
    foldsOnlyAscii: foldsOnlyAscii === 't',
    isDeterministic: isDeterministic === 't',
  }
}

function parseUniqueKeys(rows: readonly Row[]): CatalogTable['uniqueKeys'] {
  const byIndex = groupBy(rows, ([index]) => index)
  return [...byIndex.values()].map((parts) => ({
    isPrimary: parts[0]?.[2] === 't',
    columns: parts.map(([, column]) => present(column, 'column name')),
  }))
}
