import { afterEach, describe, expect, it } from 'vitest'
import type { RunDetails } from '../../src/core/ports/run-store.ts'
import { breakPage } from '../support/broken-page.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

const [number, ...others] = customerMapping.fields

async function open(sql: string, firstField: object = number as object): Promise<void> {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${sql}` })
  await couplet.import({ ...customerMapping, fields: [firstField, ...others] } as typeof customerMapping)
  await couplet.work()
}

const edit = (sql: string) => () => couplet.systems.query(sql)
const counters = (run: RunDetails, direction: 'to' | 'from') => jobOf(run, 'CUSTOMER', direction).counters
const customers = () => couplet.rows(`SELECT no, name, city FROM nav.customer ORDER BY no`)
const accounts = () => couplet.rows(`SELECT number, name, city FROM crm.account ORDER BY number`)
const issues = async () => (await couplet.store.query(`SELECT direction, code FROM couplet.issue`)).rows
const couplings = async () => (await couplet.store.query(`SELECT id FROM couplet.coupling`)).rowCount

describe('a record that a lost page has created', () => {
  it('P3: is adopted with what its table made of the fields that were not sent', async () => {
    await open(`INSERT INTO crm.account (name) VALUES ('New')`, { local: 'no', remote: 'number' })
    breakPage(couplet, 'commit', undefined, 2)
    const run = await couplet.run('full')
    expect(counters(run, 'from')).toMatchObject({ inserted: 1, failed: 0 })
    await couplet.run('modified')
    expect(await customers()).toEqual([{ no: 'N1', name: 'New', city: '' }])
    expect(await accounts()).toEqual([{ number: 'N1', name: 'New', city: null }])
    expect(await issues()).toEqual([])
  })

  it('P3, P4: stays one record although both sides edit the same field before anybody has noted it', async () => {
    await open(insertCustomers(1))
    breakPage(
      couplet,
      'commit',
      edit(`UPDATE nav.customer SET city = 'Here'; UPDATE crm.account SET city = 'There'`),
    )
    const run = await couplet.run('full')
    expect(counters(run, 'to')).toMatchObject({ inserted: 1, conflict: 1 })
    expect(await customers()).toEqual([{ no: 'C1', name: 'Customer 1', city: 'Here' }])
    expect(await accounts()).toEqual([{ number: 'C1', name: 'Customer 1', city: 'There' }])
    expect(await issues()).toEqual([{ direction: 'to', code: 'CONFLICT_BOTH_CHANGED' }])
    expect(await couplings()).toBe(1)
  })

  it('P3, P4: keeps what was edited there meanwhile, although it is found by match fields', async () => {
    await open(insertCustomers(1), { ...number, match: {} })
    breakPage(couplet, 'commit', edit(`UPDATE crm.account SET city = 'There'`))
    const run = await couplet.run('full')
    expect(counters(run, 'to')).toMatchObject({ inserted: 1, coupled: 0 })
    expect(await customers()).toEqual([{ no: 'C1', name: 'Customer 1', city: 'There' }])
    expect(await accounts()).toEqual([{ number: 'C1', name: 'Customer 1', city: 'There' }])
  })

  it('P3: does not bring a source back that was deleted before anybody had noted it', async () => {
    await open(insertCustomers(1))
    breakPage(couplet, 'commit', edit(`DELETE FROM nav.customer`))
    const run = await couplet.run('full')
    expect(counters(run, 'to')).toMatchObject({ inserted: 1 })
    expect(await customers()).toEqual([])
    expect(await accounts()).toEqual([{ number: 'C1', name: 'Customer 1', city: 'City 1' }])
    expect(await issues()).toEqual([{ direction: 'from', code: 'COUPLED_TO_DELETED' }])
  })

  it.each([
    ['is to be ignored', { ignore: `city = 'Nowhere'` }],
    ['does not meet a requirement', { require: [{ filter: `city <> 'Nowhere'` }] }],
  ])('P3: is coupled, and not brought back, although its source %s since', async (_what, rules) => {
    await open(insertCustomers(1))
    await couplet.import({ ...customerMapping, local: { ...customerMapping.local, ...rules } })
    breakPage(couplet, 'commit', edit(`UPDATE nav.customer SET city = 'Nowhere'`))
    await couplet.run('full')
    await couplet.run('full')
    expect(await customers()).toEqual([{ no: 'C1', name: 'Customer 1', city: 'Nowhere' }])
    expect(await accounts()).toEqual([{ number: 'C1', name: 'Customer 1', city: 'City 1' }])
    expect(await couplings()).toBe(1)
  })
})
