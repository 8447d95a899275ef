import { afterEach, expect, it } from 'vitest'
import { requestUncoupling } from '../../src/usecases/coupling/request-uncoupling.ts'
import { requestRecords } from '../../src/usecases/records/request-records.ts'
import { recoverPair } from '../../src/usecases/recovery/recover-pair.ts'
import type { Rejoined } from '../../src/usecases/recovery/rejoin.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { restoreSnapshot, takeSnapshot } from '../support/store-snapshot.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

const act = { by: 'test', reason: 'restored' }

const sql = (text: string) => couplet.systems.query(text)
const names = async (table: string) =>
  (await couplet.rows<{ name: string }>(`SELECT name FROM ${table} ORDER BY name`)).map(({ name }) => name)
const issues = async () =>
  (await couplet.store.query(`SELECT direction, kind, code FROM couplet.issue ORDER BY id`)).rows

async function open(systemsSql: string, mapping: Parameters<Installation['import']>[0]) {
  couplet = await createInstallation({ systemsSql })
  await couplet.import(mapping)
  await couplet.work()
  await couplet.run('full')
}

async function recover(): Promise<readonly Pick<Rejoined, 'found' | 'isSearched' | 'held'>[]> {
  const { context, pair } = couplet
  const needed = { deps: context.deps, recovery: context.care.recovery }
  const { found, states } = await recoverPair(pair, act, needed, new AbortController().signal)
  expect(new Set(states).has('failed')).toBe(false)
  await context.deps.stores.control.resume({ scope: 'everything' }, act)
  return found.map(({ found, isSearched, held }) => ({ found, isSearched, held }))
}

const customerSql = `${twoTablesSql} ${insertCustomers(4)}`
const origin = {
  mapping: 'CUSTOMER',
  requestedBy: 'anna',
  reason: 'x',
  idempotencyKey: null,
  payloadHash: null,
}

it('P3: what was created anew in the lost hour, for a record that was uncoupled or whose partner was deleted, is found', async () => {
  await open(customerSql, { ...customerMapping, deletionConflict: 'Restore Records' })
  const ofPair = { ...origin, pairId: couplet.pair.id }
  const { deps } = couplet.context
  await couplet.ended((await requestUncoupling({ ...ofPair, keys: ['C1'] }, deps)).run.id)
  await sql(`DELETE FROM crm.account WHERE number = 'C1'`)
  await takeSnapshot(couplet.store)

  await couplet.ended((await requestRecords({ ...ofPair, keys: ['C1'], createMissing: true }, deps)).run.id)
  await sql(`DELETE FROM crm.account WHERE number = 'C2'`)
  await couplet.run('full')
  const before = await names('crm.account')
  expect(before).toEqual(['Customer 1', 'Customer 2', 'Customer 3', 'Customer 4'])

  await restoreSnapshot(couplet.store)
  expect(await recover()).toEqual([
    { found: 2, isSearched: true, held: 0 },
    { found: 0, isSearched: true, held: 0 },
  ])
  await couplet.run('full')
  expect(await names('crm.account')).toEqual(before)
  expect(await names('nav.customer')).toEqual(before)
  expect(await issues()).toEqual([])
})

it('P3: one that was made anew for a record which the backup did not know yet keeps its generation', async () => {
  await open(customerSql, { ...customerMapping, deletionConflict: 'Restore Records' })
  await takeSnapshot(couplet.store)
  await sql(`INSERT INTO nav.customer (no, name) VALUES ('C5', 'Made anew')`)
  await couplet.run('full')
  await sql(`DELETE FROM crm.account WHERE number = 'C5'`)
  await couplet.run('full')
  await restoreSnapshot(couplet.store)
  expect((await recover()).map(({ found }) => found)).toEqual([1, 0])

  // What is created after it is another record.
  const [anew] = await couplet.rows(`SELECT id FROM crm.account WHERE number = 'C5'`)
  await sql(`DELETE FROM crm.account WHERE number = 'C5'`)
  await couplet.run('full')
  const [next] = await couplet.rows(`SELECT id FROM crm.account WHERE number = 'C5'`)
  expect(next).toBeDefined()
  expect(next).not.toEqual(anew)
})

it('P3: a record whose source was deleted in the lost hour is set aside, and not brought back', async () => {
  await open(customerSql, customerMapping)
  await takeSnapshot(couplet.store)
  await sql(`INSERT INTO nav.customer (no, name) VALUES ('C9', 'Deleted at once')`)
  await couplet.run('full')
  await sql(`DELETE FROM nav.customer WHERE no = 'C9'`)

  await restoreSnapshot(couplet.store)
  expect(await recover()).toEqual([
    { found: 0, isSearched: true, held: 0 },
    { found: 0, isSearched: true, held: 1 },
  ])
  await couplet.run('full')
  await sql(`UPDATE crm.account SET city = 'Edited' WHERE number = 'C9'`)
  await couplet.run('modified')
  expect(await names('nav.customer')).not.toContain('Deleted at once')
  expect(await issues()).toEqual([{ direction: 'from', kind: 'skipped', code: 'POSSIBLE_DUPLICATE' }])
})

it('P3: by receipts, where a table makes numbers', async () => {
  await open(
    `CREATE TABLE nav.contact (id bigserial PRIMARY KEY, name varchar(50));
     CREATE TABLE crm.contact (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar(50));
     INSERT INTO nav.contact (name) VALUES ('First')`,
    {
      name: 'CONTACT',
      direction: 'Bidirectional',
      local: { table: 'contact' },
      remote: { table: 'contact' },
      fields: [{ local: 'name', remote: 'name' }],
    },
  )
  await takeSnapshot(couplet.store)
  await sql(
    `INSERT INTO nav.contact (name) VALUES ('Made here'); INSERT INTO crm.contact (name) VALUES ('Made there')`,
  )
  await couplet.run('full')
  await restoreSnapshot(couplet.store)
  expect(await recover()).toEqual([
    { found: 1, isSearched: true, held: 0 },
    { found: 1, isSearched: true, held: 0 },
  ])
  await couplet.run('full')
  expect(await names('nav.contact')).toEqual(['First', 'Made here', 'Made there'])
  expect(await names('crm.contact')).toEqual(['First', 'Made here', 'Made there'])
})

const currencySql = `
  CREATE TABLE nav.currency (code varchar(10) PRIMARY KEY, name varchar(50));
  CREATE TABLE crm.currency (iso varchar(10) PRIMARY KEY, name varchar(50));
  INSERT INTO nav.currency VALUES ('EUR', 'Euro')`
const currency = (code: object) => ({
  name: 'CURRENCY',
  direction: 'Bidirectional',
  local: { table: 'currency' },
  remote: { table: 'currency' },
  fields: [
    { local: 'code', remote: 'iso', ...code },
    { local: 'name', remote: 'name' },
  ],
})

it('P3: by the key that both records share', async () => {
  await open(currencySql, currency({}))
  await takeSnapshot(couplet.store)
  await sql(
    `INSERT INTO nav.currency VALUES ('DKK', 'Krone'); INSERT INTO crm.currency VALUES ('SEK', 'Krona')`,
  )
  await couplet.run('full')
  await sql(`UPDATE crm.currency SET name = 'Danish krone' WHERE iso = 'DKK'`)
  await restoreSnapshot(couplet.store)
  expect(await recover()).toEqual([
    { found: 2, isSearched: true, held: 0 },
    { found: 0, isSearched: true, held: 0 },
  ])
  await couplet.run('full')
  // What a person has edited in the lost hour is not overwritten.
  expect(await issues()).toEqual([{ direction: 'to', kind: 'conflict', code: 'CONFLICT_BOTH_CHANGED' }])
  expect(await names('nav.currency')).toEqual(['Euro', 'Krona', 'Krone'])
  expect(await names('crm.currency')).toEqual(['Danish krone', 'Euro', 'Krona'])
})

it('P3: a mapping of which nothing tells what it has created is paused, and says so', async () => {
  const code = { transform: [{ replace: { text: 'X', by: 'Y' } }], direction: 'ToIntegrationTable' }
  await open(currencySql, { ...currency(code), direction: 'ToIntegrationTable' })
  await takeSnapshot(couplet.store)
  await sql(`INSERT INTO nav.currency VALUES ('XAU', 'Gold')`)
  await couplet.run('full')
  await restoreSnapshot(couplet.store)
  expect(await recover()).toEqual([{ found: 0, isSearched: false, held: 0 }])
  const pauses = await couplet.context.deps.stores.control.listPauses()
  expect(pauses).toMatchObject([{ scope: 'mapping', name: 'CURRENCY', cause: 'automatic' }])
})
