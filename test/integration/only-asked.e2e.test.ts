import { afterEach, beforeEach, expect, it } from 'vitest'
import { CoupletClient } from '../../src/client/client.ts'
import { type Api, startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let api: Api
let client: CoupletClient

/** All of C1 to C4 are due, the cause is gone, and the only schedule is paused: nothing but people's wishes runs. */
beforeEach(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(5)};
      ALTER TABLE crm.account ALTER name TYPE varchar(12);
      UPDATE nav.customer SET name = 'a name too long' WHERE no <> 'C5'`,
    env: { COUPLET_PORT: '0' },
  })
  await couplet.import({ ...customerMapping, onlyCoupled: false })
  api = await startApi(couplet.context)
  client = new CoupletClient({ url: api.url, key: api.key })
  await client.setUp.addSchedule({ name: 'customers', everyMinutes: 1440, mapping: 'CUSTOMER' })
  await client.pauseSchedule('customers', { reason: 'Stocktaking' })
  await couplet.work()
  await couplet.run('full')
  expect(await created()).toEqual(['C5'])
  await couplet.systems.query(`UPDATE nav.customer SET name = 'healed' WHERE no <> 'C5'`)
  await couplet.store.query('UPDATE couplet.issue SET next_attempt_at = clock_timestamp()')
})
afterEach(async () => {
  await api.close()
  await couplet.close()
})

const created = async () =>
  (await couplet.systems.query('SELECT number FROM crm.account ORDER BY number')).rows.map(
    ({ number }) => number,
  )
const issueOf = async (no: string) => {
  const { rows } = await couplet.systems.query('SELECT id FROM nav.customer WHERE no = $1', [no])
  const { issues } = await client.listIssues({ mapping: 'CUSTOMER' })
  return issues.find(({ key }) => key === rows[0]?.id) ?? expect.fail(`no issue of ${no}`)
}

it('a retried issue is tried, and no other one that is due', async () => {
  const { id } = await issueOf('C2')
  const { operation } = await client.startOperation({ kind: 'retry', issues: { ids: [id] } })
  const { runIds } = await client.waitForOperation(operation.id)
  const { run, counters } = await client.waitForRun(runIds[0] ?? 0)
  expect([run.state, counters.inserted, run.options.onlyAsked]).toEqual(['succeeded', 1, true])
  expect(await created()).toEqual(['C2', 'C5'])
})

it('a single record is synchronized, and no other one that is due', async () => {
  const { run } = await client.startRun({ kind: 'records', mapping: 'CUSTOMER', keys: ['C3'] })
  await client.waitForRun(run.id)
  expect(await created()).toEqual(['C3', 'C5'])
})

it('the failed records of a run are tried, and none that another one has left', async () => {
  await couplet.systems.query(`INSERT INTO nav.customer (no, name) VALUES ('C6', 'a name too long')`)
  const { run: failing } = await client.startRun({ kind: 'records', mapping: 'CUSTOMER', keys: ['C6'] })
  expect((await client.waitForRun(failing.id)).counters.failed).toBe(1)
  await couplet.systems.query(`UPDATE nav.customer SET name = 'healed' WHERE no = 'C6'`)
  const { run } = await client.retryRun(failing.id, { what: 'records' })
  await client.waitForRun(run.id)
  expect(await created()).toEqual(['C5', 'C6'])
})

it('P4: a conflict that is decided for the other side arrives there with the run of the decision', async () => {
  await couplet.systems.query(
    `UPDATE nav.customer SET city = 'Here' WHERE no = 'C5'; UPDATE crm.account SET city = 'There' WHERE number = 'C5'`,
  )
  const { run: quarrel } = await client.startRun({ kind: 'records', mapping: 'CUSTOMER', keys: ['C5'] })
  await client.waitForRun(quarrel.id)
  const { id } = await issueOf('C5')
  const { operation } = await client.startOperation({
    kind: 'resolve',
    issues: { ids: [id] },
    all: { take: 'remote' },
  })
  const { runIds } = await client.waitForOperation(operation.id)
  await client.waitForRun(runIds[0] ?? 0)
  const { rows } = await couplet.systems.query(`SELECT city FROM nav.customer WHERE no = 'C5'`)
  expect(rows).toEqual([{ city: 'There' }])
})

it('an ordinary run brings all that is due', async () => {
  const { run } = await client.startRun({ kind: 'modified' })
  await client.waitForRun(run.id)
  expect(await created()).toEqual(['C1', 'C2', 'C3', 'C4', 'C5'])
})
