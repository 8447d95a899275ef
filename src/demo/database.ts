import { Client } from 'pg'
import type { SideRows } from './records/row.ts'

const rowsPerStatement = 2_000

/** Connects, does the work in one transaction, and closes the connection whatever happens. */
export async function inTransaction<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } finally {
    await client.end()
  }
}

/** Inserts rows table by table; all rows of one entry have the same columns. Thousands per statement. */
export async function insertRows(client: Client, schema: string, side: SideRows): Promise<void> {
  for (const { table, rows } of side) {
    const columns = Object.keys(rows[0] ?? {})
      .map((column) => `"${column}"`)
      .join(', ')
    for (let start = 0; start < rows.length; start += rowsPerStatement) {
      const batch = JSON.stringify(rows.slice(start, start + rowsPerStatement))
      const target = `${schema}.${table}`
      await client.query(
        `insert into ${target} (${columns}) select ${columns} from json_populate_recordset(null::${target}, $1)`,
        [batch],
      )
    }
  }
}
