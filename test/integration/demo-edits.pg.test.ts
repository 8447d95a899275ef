import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { editBothSides } from '../../src/demo/edits.ts'
import { createDemoDatabases } from '../../src/demo/seed.ts'
import { snapshotTables } from '../../src/demo/snapshot.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let client: Client
let urls: { localUrl: string; remoteUrl: string }

beforeEach(async () => {
  database = await createDatabase()
  urls = { localUrl: database.url, remoteUrl: database.url }
  await createDemoDatabases({ ...urls, size: 1 })
  client = new Client({ connectionString: database.url })
  await client.connect()
})

afterEach(async () => {
  await client.end()
  await database.drop()
})

/** What a full synchronization does, as far as the edits need it: an account for each customer. */
async function synchronizeCustomers(): Promise<void> {
  await client.query(`insert into crm.account (name, emailaddress1) select name, e_mail from nav.customer`)
}

async function changedSince(table: string, timeField: string, since: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from ${table} where ${timeField} > $1`,
    [since],
  )
  return rows[0]?.count ?? -1
}

test('edits exactly the records it reports, different ones on each side, and adds contacts', async () => {
  await synchronizeCustomers()
  const { rows } = await client.query<{ now: string }>('select clock_timestamp()::text as now')
  const now = rows[0]?.now ?? ''
  const report = await editBothSides(urls)
  expect(report.customers).toHaveLength(25)
  expect(report.accounts).toHaveLength(15)
  expect(report.bothSides).toHaveLength(5)
  expect(new Set([...report.customers, ...report.accounts, ...report.bothSides]).size).toBe(45)
  expect(report.newContacts.every((no) => /^CT\d{5}$/.test(no))).toBe(true)
  expect(report.expected).toEqual({
    remote: { account: 30, product: 3, newContacts: 2 },
    local: { customer: 20 },
  })
  expect(await changedSince('nav.customer', 'system_modified_at', now)).toBe(30)
  expect(await changedSince('crm.account', 'modifiedon', now)).toBe(20)
  expect(await changedSince('nav.item', 'system_modified_at', now)).toBe(3)
  expect(await changedSince('nav.contact', 'system_modified_at', now)).toBe(2)
})

test('edits anew with another seed', async () => {
  await synchronizeCustomers()
  await editBothSides({ ...urls, seed: 1 })
  const before = await snapshotTables(database.url, 'crm')
  await editBothSides({ ...urls, seed: 2 })
  expect(await snapshotTables(database.url, 'crm')).not.toEqual(before)
})

test('says what to do when the demo has not been synchronized', async () => {
  await expect(editBothSides(urls)).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND' })
})

test('refuses to report edits when there are too few customers, and then edits nothing', async () => {
  await synchronizeCustomers()
  const before = await snapshotTables(database.url, 'nav')
  const counts = { customers: 50, accounts: 10, bothSides: 5, items: 3, newContacts: 2 }
  await expect(editBothSides({ ...urls, counts })).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND' })
  expect(await snapshotTables(database.url, 'nav')).toEqual(before)
})

test('a snapshot stays equal while nobody writes, and shows even a write of what was there already', async () => {
  const before = await snapshotTables(database.url, 'nav')
  expect(await snapshotTables(database.url, 'nav')).toEqual(before)
  await client.query(`update nav.customer set name = name where no = 'C00001'`)
  const after = await snapshotTables(database.url, 'nav')
  const changed = after.filter((table, index) => table.writes !== before[index]?.writes)
  expect(changed.map((each) => each.table)).toEqual(['customer'])
  expect(after.map((each) => each.content)).toEqual(before.map((each) => each.content))
})
