import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseCurrencyId } from '../../src/demo/schemas/crm-tables.ts'
import { crmSchemaSql, navSchemaSql } from '../../src/demo/schemas/schemas.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let client: Client

beforeAll(async () => {
  database = await createDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
  await client.query(navSchemaSql)
  await client.query(crmSchemaSql)
})

afterAll(async () => {
  await client?.end()
  await database?.drop()
})

describe('codes', () => {
  test('are stored in capitals and without outer blanks, on insert and on update', async () => {
    const [inserted] = await query(
      `insert into nav.customer (no, post_code, name) values (' k-1 ', 'm1 2ab', ' Kept As It Is ')
       returning no, post_code, name`,
    )
    expect(inserted).toEqual({ no: 'K-1', post_code: 'M1 2AB', name: ' Kept As It Is ' })
    const [updated] = await query(
      `update nav.customer set country_region_code = ' dk' where no = 'K-1' returning country_region_code`,
    )
    expect(updated).toEqual({ country_region_code: 'DK' })
  })

  test('are refused when they are too long', async () => {
    await expect(query(`insert into nav.currency (code) values ('ELEVENCHARS')`)).rejects.toThrow(/too long/)
  })
})

describe('number series', () => {
  test('give the next number to a record without one, and only to such a record', async () => {
    expect(await query(`insert into nav.customer (name) values ('a'), ('b') returning no`)).toEqual([
      { no: 'C00001' },
      { no: 'C00002' },
    ])
    expect(await query(`insert into nav.customer (no) values ('own') returning no`)).toEqual([{ no: 'OWN' }])
    expect(await query(`insert into nav.customer (no) values ('') returning no`)).toEqual([{ no: 'C00003' }])
    expect(await query(`insert into nav.salesperson_purchaser (name) values ('x') returning code`)).toEqual([
      { code: 'SP NO. 00001' },
    ])
    expect(await query(`insert into nav.contact (surname) values ('x') returning no`)).toEqual([
      { no: 'CT00001' },
    ])
    expect(await query(`insert into nav.item (description) values ('x') returning no`)).toEqual([
      { no: 'I00001' },
    ])
    expect(await query(`insert into nav.resource (name) values ('x') returning no`)).toEqual([
      { no: 'R00001' },
    ])
  })
})

describe.each([
  ['nav', `nav.unit_of_measure`, `code`, 'PAIR', 'description', 'system_modified_at'],
  ['crm', `crm.systemuser`, `fullname`, 'Someone', 'jobtitle', 'modifiedon'],
])('the modified time in %s', (_schema, table, keyField, key, field, timeField) => {
  const timeOf = async (): Promise<string> => {
    const [row] = await query(`select ${timeField}::text as time from ${table} where ${keyField} = '${key}'`)
    return row?.['time'] as string
  }

  test('moves forward with each real change, and not with an update that changes nothing', async () => {
    await query(`insert into ${table} (${keyField}) values ('${key}')`)
    const first = await timeOf()
    await query(`update ${table} set ${field} = 'new' where ${keyField} = '${key}'`)
    const second = await timeOf()
    expect(second > first).toBe(true)
    await query(`update ${table} set ${field} = 'new' where ${keyField} = '${key}'`)
    expect(await timeOf()).toBe(second)
  })

  test('cannot be set by a writer', async () => {
    const before = await timeOf()
    await query(`update ${table} set ${timeField} = '2001-01-01' where ${keyField} = '${key}'`)
    expect(await timeOf()).toBe(before)
  })

  test('differs for two changes in one transaction', async () => {
    await client.query('begin')
    await query(`update ${table} set ${field} = 'one' where ${keyField} = '${key}'`)
    const first = await timeOf()
    await query(`update ${table} set ${field} = 'two' where ${keyField} = '${key}'`)
    const second = await timeOf()
    await client.query('commit')
    expect(second > first).toBe(true)
  })
})

describe('exchange rates', () => {
  test('a currency has its newest rate, and a new one is a change of the currency', async () => {
    await query(`insert into nav.currency_exchange_rate values ('usd', '2023-01-01', 100, 700)`)
    await query(`insert into nav.currency (code) values ('USD'), ('NOK')`)
    expect(await rates()).toEqual([
      { code: 'NOK', rate: null },
      { code: 'USD', rate: '0.142857142857' },
    ])
    const before = await query(`select code, system_modified_at::text from nav.currency order by code`)
    await query(`insert into nav.currency_exchange_rate values
      ('USD', '2024-01-01', 100, 800), ('USD', '2022-01-01', 100, 100)`)
    expect(await rates()).toEqual([
      { code: 'NOK', rate: null },
      { code: 'USD', rate: '0.125000000000' },
    ])
    const after = await query(`select code, system_modified_at::text from nav.currency order by code`)
    expect(after[0]).toEqual(before[0])
    expect(after[1]).not.toEqual(before[1])
  })

  test('follow a corrected and a deleted rate', async () => {
    await query(`update nav.currency_exchange_rate set relational_exch_rate_amount = 400
      where starting_date = '2024-01-01'`)
    expect((await rates())[1]).toEqual({ code: 'USD', rate: '0.250000000000' })
    await query(`delete from nav.currency_exchange_rate`)
    expect((await rates())[1]).toEqual({ code: 'USD', rate: null })
  })

  const rates = () => query(`select code, current_exchange_rate as rate from nav.currency order by code`)
})

describe('the remote side', () => {
  test('names a unit group after its unit and keeps exactly this unit in it', async () => {
    await query(`insert into crm.uomschedule (baseuomname) values ('BOX')`)
    expect(
      await query(
        `select s.name as group, u.name as unit from crm.uomschedule s join crm.uom u using (uomscheduleid)`,
      ),
    ).toEqual([{ group: 'NAV BOX', unit: 'BOX' }])
    await query(`update crm.uomschedule set baseuomname = 'CRATE'`)
    expect(
      await query(
        `select s.name as group, u.name as unit from crm.uomschedule s join crm.uom u using (uomscheduleid)`,
      ),
    ).toEqual([{ group: 'NAV CRATE', unit: 'CRATE' }])
  })

  test('measures a product in the unit of its group, and lets an item and a resource share a number', async () => {
    const products = await query(
      `insert into crm.product (productnumber, name, producttypecode, defaultuomscheduleid)
       select '1000', 'x', type, uomscheduleid from crm.uomschedule, (values (1), (3)) as types (type)
       returning (select name from crm.uom where uomid = defaultuomid) as unit`,
    )
    expect(products).toEqual([{ unit: 'CRATE' }, { unit: 'CRATE' }])
    await expect(
      query(`insert into crm.product (productnumber, name, producttypecode, defaultuomscheduleid)
        select '1000', 'x', 1, uomscheduleid from crm.uomschedule`),
    ).rejects.toThrow(/unique/)
  })

  test('makes a new account an active customer in the base currency', async () => {
    expect(
      await query(`insert into crm.account (name) values ('New')
        returning customertypecode, statecode, transactioncurrencyid, owneridtype`),
    ).toEqual([
      { customertypecode: 3, statecode: 0, transactioncurrencyid: baseCurrencyId, owneridtype: 'systemuser' },
    ])
  })

  test('gives a currency without a symbol its code, and refuses option values that do not exist', async () => {
    expect(
      await query(`insert into crm.transactioncurrency (isocurrencycode, currencyname, exchangerate)
        values ('CHF', 'Franc', 0.13) returning currencysymbol`),
    ).toEqual([{ currencysymbol: 'CHF' }])
    await expect(query(`insert into crm.account (name, paymenttermscode) values ('x', 9)`)).rejects.toThrow(
      /check/,
    )
  })
})

test('the rules cost little in bulk: 20,000 customers are a matter of seconds', async () => {
  const startedAt = performance.now()
  await query(`insert into nav.customer (name) select 'Customer ' || n from generate_series(1, 20000) as n`)
  expect(performance.now() - startedAt).toBeLessThan(5_000)
})

async function query(statement: string): Promise<Record<string, unknown>[]> {
  const { rows } = await client.query<Record<string, unknown>>(statement)
  return rows
}
