import { afterEach, expect, it } from 'vitest'
import { breakPage } from '../support/broken-page.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

const edit = (table: string, city: string) => () =>
  couplet.systems.query(`UPDATE ${table} SET city = '${city}'`)

it('P2, P4: the late write of a worker is recognised although a second one has died since', async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(1)}` })
  await couplet.import(customerMapping)
  await couplet.work()
  await couplet.run('full')
  await edit('nav.customer', 'First')()
  // The first worker is stopped before it writes, the second one as well: then the write of the first one arrives.
  breakPage(couplet, 'write', async () => {
    await edit('nav.customer', 'Second')()
    breakPage(couplet, 'write', edit('crm.account', 'First'))
  })
  const run = await couplet.run('modified')
  expect(run.run.state).toBe('succeeded')
  expect(await couplet.rows(`SELECT city FROM nav.customer UNION ALL SELECT city FROM crm.account`)).toEqual([
    { city: 'Second' },
    { city: 'Second' },
  ])
})

it('P7: the ledger shows what a lost page has changed or created, as if it had not been lost', async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(1)}` })
  await couplet.import(customerMapping)
  await couplet.work()
  breakPage(couplet, 'commit')
  await couplet.run('full')
  await edit('nav.customer', 'Ribe')()
  breakPage(couplet, 'commit')
  await couplet.run('modified')
  const { rows } = await couplet.store.query(
    `SELECT kind, recovered, changes FROM couplet.outcome ORDER BY id`,
  )
  expect(rows).toEqual([
    {
      kind: 'inserted',
      recovered: true,
      changes: {
        fields: ['number', 'name', 'city', 'credit'],
        before: null,
        after: ['text:C1', 'text:Customer 1', 'text:City 1', 'dec:1.25'],
      },
    },
    {
      kind: 'modified',
      recovered: true,
      changes: { fields: ['city'], before: ['text:City 1'], after: ['text:Ribe'] },
    },
  ])
})
