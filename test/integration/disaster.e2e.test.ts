import { afterEach, expect, it } from 'vitest'
import { recoverPair } from '../../src/usecases/recovery/recover-pair.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { restoreSnapshot, takeSnapshot } from '../support/store-snapshot.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

const customers = () => couplet.rows(`SELECT name, city FROM nav.customer ORDER BY name, city`)
const accounts = () => couplet.rows(`SELECT name, city FROM crm.account ORDER BY name, city`)
const sql = (text: string) => couplet.systems.query(text)
const codes = async () =>
  (await couplet.store.query(`SELECT DISTINCT code FROM couplet.issue ORDER BY code`)).rows.map(
    ({ code }) => code,
  )
const signal = new AbortController().signal
const act = { by: 'test', reason: 'restored' }

async function recover() {
  const { context, pair } = couplet
  const needed = { deps: context.deps, recovery: context.care.recovery }
  const { found, states } = await recoverPair(pair, act, needed, signal)
  expect(new Set(states)).toEqual(new Set(['succeeded']))
  expect(await context.deps.stores.control.resume({ scope: 'everything' }, act)).toBe(true)
  return found
}

it('P3, P4: Postgres restored to an hour ago makes no duplicate and loses no update', async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(6)}` })
  await couplet.import(customerMapping)
  await couplet.work()
  await couplet.run('full')
  await takeSnapshot(couplet.store)

  // The lost hour. All of it is synchronized …
  await sql(`UPDATE nav.customer SET city = 'Synced to' WHERE no = 'C1'`)
  await sql(`UPDATE crm.account SET city = 'Synced from' WHERE number = 'C2'`)
  await sql(`UPDATE nav.customer SET city = 'There and back' WHERE no = 'C4'`)
  await sql(
    `INSERT INTO nav.customer (no, name) VALUES ('C7', 'Made here'), ('C8', 'Made here, edited there')`,
  )
  await sql(`INSERT INTO crm.account (name) VALUES ('Made there'), ('Made there, edited here')`)
  await couplet.run('full')
  // … but what people did last.
  await sql(`UPDATE crm.account SET city = 'Late' WHERE number = 'C8'`)
  await sql(`UPDATE nav.customer SET city = 'Late' WHERE name = 'Made there, edited here'`)
  await sql(`UPDATE crm.account SET city = 'Late from' WHERE number = 'C1'`)
  await sql(`UPDATE nav.customer SET city = 'Late to' WHERE no = 'C3'`)
  await sql(`UPDATE crm.account SET city = 'City 4' WHERE number = 'C4'`)
  await sql(`INSERT INTO nav.customer (no, name) VALUES ('C9', 'Made late')`)

  await restoreSnapshot(couplet.store)
  expect(await recover()).toEqual([
    { mapping: 'CUSTOMER', direction: 'to', found: 2, isSearched: true, failure: null, held: 0 },
    { mapping: 'CUSTOMER', direction: 'from', found: 2, isSearched: true, failure: null, held: 0 },
  ])
  await couplet.run('modified')
  await couplet.run('full')
  await couplet.run('full')

  const names = (rows: object[]) => rows.map((row) => ('name' in row ? row.name : ''))
  expect(names(await customers())).toEqual(names(await accounts()))
  expect(new Set(names(await accounts())).size).toBe(11)
  expect(await accounts()).toHaveLength(11)
  // Edited on one side after both had it: the base is older than both, so a person decides. Nothing is overwritten.
  expect(await codes()).toEqual(['CONFLICT_BOTH_CHANGED'])
  expect(await accounts()).toContainEqual({ name: 'Customer 1', city: 'Late from' })
  expect(await customers()).toContainEqual({ name: 'Customer 1', city: 'Synced to' })
  // Put back after it was brought across: against the old bases the other side alone seems to be edited.
  expect(await accounts()).toContainEqual({ name: 'Customer 4', city: 'City 4' })
  expect(await customers()).toContainEqual({ name: 'Customer 4', city: 'There and back' })
  // Equal on both sides is no conflict, and an edit that only one side has seen arrives.
  for (const rows of [await customers(), await accounts()]) {
    expect(rows).toContainEqual({ name: 'Customer 2', city: 'Synced from' })
    expect(rows).toContainEqual({ name: 'Customer 3', city: 'Late to' })
    expect(rows).toContainEqual({ name: 'Made here, edited there', city: 'Late' })
    expect(rows).toContainEqual({ name: 'Made there, edited here', city: 'Late' })
  }
  expect((await recover()).map(({ found }) => found)).toEqual([0, 0])
})

it.each(['ask', 'local wins'])(
  'P4: the first full synchronization carries an edit that one side alone has seen (%s)',
  async (updateConflict) => {
    couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(4)}` })
    await couplet.import({ ...customerMapping, updateConflict })
    await couplet.work()
    await couplet.run('full')
    await takeSnapshot(couplet.store)
    await sql(`UPDATE nav.customer SET city = 'Late to' WHERE no = 'C1'`)
    await sql(`UPDATE crm.account SET city = 'Late from' WHERE number = 'C2'`)

    await restoreSnapshot(couplet.store)
    await recover()
    await couplet.run('full')
    expect(await codes()).toEqual([])
    expect(await customers()).toEqual(await accounts())
    expect(await customers()).toContainEqual({ name: 'Customer 1', city: 'Late to' })
    expect(await customers()).toContainEqual({ name: 'Customer 2', city: 'Late from' })
    // Also what nobody has touched is like any other from then on.
    const marked = await couplet.store.query(`SELECT FROM couplet.coupling WHERE is_restored`)
    expect(marked.rowCount).toBe(0)
  },
)
