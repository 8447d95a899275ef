import { afterEach, expect, it } from 'vitest'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

it('P6: a row that somebody keeps locked is put off alone, and carried when it is free', async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(20)}` })
  await couplet.import(customerMapping)
  await couplet.work()
  await couplet.run('full')
  await couplet.systems.query(`UPDATE nav.customer SET city = 'Moved'`)
  const person = await couplet.systems.connect()
  await person.query(`BEGIN; SELECT 1 FROM crm.account WHERE number = 'C7' FOR UPDATE`)
  const run = await couplet.run('modified')
  expect(run.run.state).toBe('succeeded-with-failures')
  expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ modified: 19, failed: 1 })
  await person.query('COMMIT')
  person.release()
  await waitFor(
    'the row that was locked',
    async () =>
      (await couplet.rows(`SELECT 1 FROM crm.account WHERE number = 'C7' AND city = 'Moved'`)).length === 1,
    50_000,
  )
})
