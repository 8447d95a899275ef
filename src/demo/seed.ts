import type { Client } from 'pg'
import { insertRows, inTransaction } from './database.ts'
import { type ExpectedJob, expectedFirstRun } from './expected.ts'
import { type DemoProblem, demoProblems } from './problems.ts'
import { buildRecords, crmRows, type DemoRecords, navRows } from './records/records.ts'
import type { SideRows } from './records/row.ts'
import { type DemoSize, demoCustomers, demoSeed, demoSize } from './records/size.ts'
import { crmSchemaSql, demoSchemas, navSchemaSql } from './schemas/schemas.ts'

export interface DemoOptions {
  /** Database that gets the schema `nav`. */
  readonly localUrl: string
  /** Database that gets the schema `crm`; may be the same one. */
  readonly remoteUrl: string
  /** Number of customers, at least 60; everything else in proportion. */
  readonly size?: number
  readonly seed?: number
}

export interface DemoContents {
  readonly size: DemoSize
  /** Records by table. */
  readonly local: Readonly<Record<string, number>>
  readonly remote: Readonly<Record<string, number>>
  readonly problems: readonly DemoProblem[]
  readonly expected: readonly ExpectedJob[]
}

/**
 * Drops the schemas `nav` and `crm` with everything in them and makes them anew, filled with data that depends on size
 * and seed only. Each side is one transaction.
 */
export async function createDemoDatabases(options: DemoOptions): Promise<DemoContents> {
  const size = demoSize(options.size ?? demoCustomers)
  const records = buildRecords(size, options.seed ?? demoSeed)
  const [nav, crm] = [navRows(records), crmRows(records)]
  await inTransaction(options.localUrl, async (client) => {
    await fill(client, demoSchemas.local, navSchemaSql, nav)
    await continueNumberSeries(client, records)
  })
  await inTransaction(options.remoteUrl, async (client) => {
    await fill(client, demoSchemas.remote, crmSchemaSql, crm)
    await client.query(primaryContactsSql)
  })
  const problems = demoProblems(records)
  return {
    size,
    local: countRows(nav),
    remote: countRows(crm),
    problems,
    expected: expectedFirstRun(records, problems),
  }
}

/** ANALYZE so that the server can say how many rows there are: progress needs it at once. */
async function fill(client: Client, schema: string, sql: string, rows: SideRows): Promise<void> {
  await client.query(`drop schema if exists ${schema} cascade`)
  await client.query(sql)
  await insertRows(client, schema, rows)
  const tables = [...new Set(rows.map((each) => `${schema}.${each.table}`))]
  await client.query(`analyze ${tables.join(', ')}`)
}

/** Numbers given from now on come after those in the data. */
async function continueNumberSeries(client: Client, records: DemoRecords): Promise<void> {
  await client.query(
    `select setval('nav.customer_no', $1), setval('nav.contact_no', $2), setval('nav.resource_no', $3)`,
    [
      records.customers.length,
      records.contacts.length + records.otherContacts.length,
      records.resources.length,
    ],
  )
}

/** Every account with contacts of its own names one of them, now that they exist. */
const primaryContactsSql = `
  update crm.account set primarycontactid = first.contactid
  from (
    select distinct on (parentcustomerid) parentcustomerid, contactid
    from crm.contact order by parentcustomerid, contactid
  ) as first
  where first.parentcustomerid = account.accountid`

function countRows(side: SideRows): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { table, rows } of side) counts[table] = (counts[table] ?? 0) + rows.length
  return counts
}
