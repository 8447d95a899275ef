import type { Pool } from 'pg'

/** All rows of all tables of a database as text, each behind the name of its table: what somebody finds who may read everything. */
export async function dumpRows(pool: Pool): Promise<readonly string[]> {
  const { rows: tables } = await pool.query<{ name: string }>(`
    SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`)
  const dumps = tables.map(async ({ name }) => {
    const { rows } = await pool.query<{ row: string }>(`SELECT each::text AS row FROM ${name} AS each`)
    return rows.map(({ row }) => `${name} ${row}`)
  })
  return (await Promise.all(dumps)).flat()
}
