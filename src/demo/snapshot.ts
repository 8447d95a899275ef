import type { Client } from 'pg'
import { inTransaction } from './database.ts'

/** What one table holds at one moment. */
export interface TableSnapshot {
  readonly table: string
  readonly rows: number
  /** Depends on keys and values only: equal for two databases filled alike. Times are left out. */
  readonly content: string
  /** Changes with every write to the table, also with one that writes what was there already. */
  readonly writes: string
}

/** All tables of a schema by name; two equal snapshots prove that nothing was written in between. */
export async function snapshotTables(url: string, schema: string): Promise<readonly TableSnapshot[]> {
  return inTransaction(url, async (client) => {
    await client.query('set transaction isolation level repeatable read read only')
    const { rows } = await client.query<{ table: string }>(
      `select table_name as table from information_schema.tables
       where table_schema = $1 and table_type = 'BASE TABLE' order by table_name`,
      [schema],
    )
    const snapshots: TableSnapshot[] = []
    for (const { table } of rows) snapshots.push(await snapshotTable(client, schema, table))
    return snapshots
  })
}

const timeFields = `'system_created_at', 'system_modified_at', 'createdon', 'modifiedon'`

async function snapshotTable(client: Client, schema: string, table: string): Promise<TableSnapshot> {
  const target = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)}`
  const { rows } = await client.query<Omit<TableSnapshot, 'table'>>(
    // Every write gives a row a new xmin, whatever it writes.
    `select count(*)::int as rows,
       md5(coalesce(string_agg(content, '' order by content), '')) as content,
       md5(coalesce(string_agg(writes, '' order by writes), '')) as writes
     from (
       select md5((to_jsonb(t) - array[${timeFields}])::text) as content, md5(t::text || t.xmin) as writes
       from ${target} as t
     ) as hashed`,
  )
  const [snapshot] = rows
  return {
    table,
    rows: snapshot?.rows ?? 0,
    content: snapshot?.content ?? '',
    writes: snapshot?.writes ?? '',
  }
}
