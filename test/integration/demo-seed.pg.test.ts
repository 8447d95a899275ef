import { readdir, readFile } from 'node:fs/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createPostgresConnector } from '../../src/connectors/postgres/connector.ts'
import { MappingDefinition } from '../../src/core/mapping/definition.ts'
import { validateAgainstSchemas } from '../../src/core/mapping/validate.ts'
import { demoCustomers } from '../../src/demo/records/size.ts'
import { createDemoDatabases, type DemoContents } from '../../src/demo/seed.ts'
import { snapshotTables } from '../../src/demo/snapshot.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let local: TestDatabase
let remote: TestDatabase
let contents: DemoContents
let tookMs: number
let nav: Client
let crm: Client

beforeAll(async () => {
  ;[local, remote] = await Promise.all([createDatabase(), createDatabase()])
  const startedAt = performance.now()
  contents = await createDemoDatabases({ localUrl: local.url, remoteUrl: remote.url })
  tookMs = performance.now() - startedAt
  nav = new Client({ connectionString: local.url })
  crm = new Client({ connectionString: remote.url })
  await Promise.all([nav.connect(), crm.connect()])
})

afterAll(async () => {
  await Promise.all([nav?.end(), crm?.end()])
  await Promise.all([local?.drop(), remote?.drop()])
})

describe('the full demo', () => {
  test('is filled with the promised numbers of records within seconds, on a busy machine too', async () => {
    expect(contents.size).toMatchObject({
      customers: demoCustomers,
      contacts: 8_000,
      resources: 300,
      items: 4_000,
    })
    expect(await countOf(nav, 'nav.customer')).toBe(5_000)
    expect(await countOf(nav, `nav.contact where type = 'Person' and company_no <> ''`)).toBe(8_000)
    expect(await countOf(nav, 'nav.currency where current_exchange_rate is not null')).toBe(20)
    expect(
      await countOf(crm, 'crm.systemuser where not isdisabled and islicensed and not isintegrationuser'),
    ).toBe(12)
    expect(await countOf(crm, 'crm.account where statecode = 0 and customertypecode = 3')).toBe(200)
    expect(tookMs).toBeLessThan(10_000)
  })

  test('fits the shipped mappings: names, types, lengths and ways to create records', async () => {
    const connect = (schema: string, url: string) =>
      createPostgresConnector({ name: schema, url, urlSource: 'test', schema, poolSize: 2, receipts: false })
    const sides = { local: connect('nav', local.url), remote: connect('crm', remote.url) }
    const { signal } = new AbortController()
    const mappings = await shippedMappings()
    try {
      for (const mapping of mappings) {
        const schemas = {
          local: (await sides.local.openTable(mapping.local, signal)).schema,
          remote: (await sides.remote.openTable(mapping.remote, signal)).schema,
        }
        expect(validateAgainstSchemas(mapping, schemas), mapping.name).toEqual([])
      }
      expect(mappings).toHaveLength(7)
    } finally {
      await Promise.all([sides.local.close(), sides.remote.close()])
    }
  })

  test('has an item and a resource with the same number, and a product for the item only', async () => {
    expect(await countOf(nav, `nav.item where no = '1000'`)).toBe(1)
    expect(await countOf(nav, `nav.resource where no = '1000'`)).toBe(1)
    const { rows } = await crm.query(`select producttypecode from crm.product where productnumber = '1000'`)
    expect(rows).toEqual([{ producttypecode: 1 }])
  })

  test('says how many rows there are without counting them', async () => {
    const { rows } = await nav.query(
      `select reltuples::int from pg_class where oid = 'nav.customer'::regclass`,
    )
    expect(rows).toEqual([{ reltuples: 5_000 }])
  })
})

describe('the deliberate problems', () => {
  test('are each in the data, with the records listed and no others', async () => {
    const listed = Object.fromEntries(contents.problems.map((each) => [each.title, each.records.length]))
    expect(Object.values(listed).every((count) => count > 0)).toBe(true)
    expect(
      await keysOf(
        nav,
        `select system_id as key from nav.customer c where salesperson_code <> '' and not exists
      (select from nav.salesperson_purchaser s where s.code = c.salesperson_code and s.code <> 'OLD')`,
      ),
    ).toEqual(problemKeys('CUSTOMER', 'salesperson_code'))
    expect(
      await keysOf(
        nav,
        `select system_id as key from nav.customer c where currency_code <> '' and not exists
      (select from nav.currency where code = c.currency_code)`,
      ),
    ).toEqual(problemKeys('CUSTOMER', 'currency_code'))
    expect(
      await keysOf(
        nav,
        `select system_id as key from nav.item i where not exists
      (select from nav.unit_of_measure where code = i.base_unit_of_measure)`,
      ),
    ).toEqual(problemKeys('ITEM-PRODUCT', 'base_unit_of_measure'))
    expect(await keysOf(crm, `select accountid as key from crm.account where length(name) > 100`)).toEqual(
      problemKeys('CUSTOMER', 'name'),
    )
  })

  test('include payment terms that the value map of the shipped mapping does not know', async () => {
    const customer = (await shippedMappings()).find((mapping) => mapping.name === 'CUSTOMER')
    const map = customer?.fields.find((field) => field.local === 'payment_terms_code')?.valueMap ?? {}
    expect(
      await keysOf(
        nav,
        `select system_id as key from nav.customer
        where payment_terms_code <> '' and not (payment_terms_code = any($1))`,
        [Object.keys(map)],
      ),
    ).toEqual(problemKeys('CUSTOMER', 'payment_terms_code'))
  })

  test('hold back exactly the contacts of the records that have them', async () => {
    const stuck = contents.problems
      .filter((each) => each.mapping === 'CUSTOMER' && each.direction === 'to')
      .flatMap((each) => each.records.map((record) => record.name))
    expect(
      await keysOf(nav, 'select system_id as key from nav.contact where company_no = any($1)', [stuck]),
    ).toEqual(problemKeys('CONTACT', 'company_no'))
    const accounts = problemKeys('CUSTOMER', 'name')
    expect(
      await keysOf(crm, 'select contactid as key from crm.contact where parentcustomerid = any($1)', [
        accounts,
      ]),
    ).toEqual(problemKeys('CONTACT', 'parentcustomerid'))
  })

  test('are the only reason why a record is not expected on the other side', async () => {
    const open = await countOf(nav, `nav.customer where blocked = ''`)
    const toAccounts = contents.expected.find((job) => job.mapping === 'CUSTOMER' && job.direction === 'to')
    expect(toAccounts).toMatchObject({ inserted: open - 5, failed: 1, waiting: 4 })
    for (const job of contents.expected) expect(job.inserted).toBeGreaterThan(0)
  })
})

describe('the seed', () => {
  test('decides every value, and another seed makes other data', async () => {
    const [one, two] = await Promise.all([createDatabase(), createDatabase()])
    try {
      const fill = async (seed: number): Promise<unknown> => {
        await createDemoDatabases({ localUrl: one.url, remoteUrl: two.url, size: 80, seed })
        const sides = [await snapshotTables(one.url, 'nav'), await snapshotTables(two.url, 'crm')]
        return sides
          .flat()
          .map(({ table, rows, content }) => ({ table, rows, content: withoutUoms(table, content) }))
      }
      const first = await fill(7)
      expect(await fill(7)).toEqual(first)
      expect(await fill(8)).not.toEqual(first)
    } finally {
      await Promise.all([one.drop(), two.drop()])
    }
  })

  test('fits both sides into one database', async () => {
    const database = await createDatabase()
    try {
      const { size } = await createDemoDatabases({ localUrl: database.url, remoteUrl: database.url, size: 1 })
      expect(size.customers).toBe(60)
    } finally {
      await database.drop()
    }
  })
})

/** Units of a group get their keys from the table itself. */
function withoutUoms(table: string, content: string): string {
  return table === 'uom' || table === 'product' ? '' : content
}

function problemKeys(mapping: string, field: string): string[] {
  return contents.problems
    .filter((each) => each.mapping === mapping && each.field === field)
    .flatMap((each) => each.records.map((record) => record.key))
    .sort()
}

async function keysOf(client: Client, query: string, values: readonly unknown[] = []): Promise<string[]> {
  const { rows } = await client.query<{ key: string }>(query, [...values])
  return rows.map((row) => row.key).sort()
}

async function countOf(client: Client, from: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(`select count(*)::int as count from ${from}`)
  return rows[0]?.count ?? -1
}

async function shippedMappings(): Promise<MappingDefinition[]> {
  const folder = new URL('../../mappings/', import.meta.url)
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml'))
  return Promise.all(
    files.map(async (name) => MappingDefinition.parse(parse(await readFile(new URL(name, folder), 'utf8')))),
  )
}
