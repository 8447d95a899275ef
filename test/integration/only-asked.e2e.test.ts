import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
  await couplet.import({
    ...customerMapping,
    onlyCoupled: false,
    deletionConflict: 'Propagate Deletion',
    deletionBrake: { share: 1, records: 0 },
  })
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
const customers = async () =>
  (await couplet.systems.query('SELECT no FROM nav.customer ORDER BY no')).rows.map(({ no }) => no)
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

describe('a deletion that is held', () => {
  let held: number
  beforeEach(async () => {
    await couplet.systems.query(`DELETE FROM nav.customer WHERE no = 'C5'`)
    const { id } = (await couplet.store.query('SELECT id FROM couplet.coupling')).rows[0]
    const filter = { mapping: 'CUSTOMER', ids: [Number(id)] }
    const { operation } = await client.startOperation({ kind: 'synchronize', couplings: filter })
    const { runIds } = await client.waitForOperation(operation.id)
    held = runIds[0] ?? 0
    await client.waitForRun(held)
    expect((await client.getHeldDeletions(held)).held).toMatchObject([{ records: 1 }])
  })

  it('is approved, and no other record that is due is tried', async () => {
    const { run } = await client.answerHeldDeletions(held, { answer: 'approve', records: 1 })
    await client.waitForRun(run?.id ?? 0)
    expect(await created()).toEqual([])
  })

  it('gets its own answer, and no other record that is due is tried', async () => {
    const { issues } = await client.listIssues({ code: 'DELETION_HELD' })
    const { run } = await client.resolveDeletion(issues[0]?.id ?? 0, 'restore')
    await client.waitForRun(run.id)
    // The local side numbers what is created there.
    expect([await created(), await customers()]).toEqual([['N1'], ['C1', 'C2', 'C3', 'C4', 'N1']])
  })
})

it('two records are coupled and brought across, and no other one that is due', async () => {
  await couplet.systems.query(`INSERT INTO nav.customer (no, name, city) VALUES ('C6', 'Sixth', 'Here');
    INSERT INTO crm.account (id, number, name) VALUES ('00000000-0000-0000-0000-000000000006', 'C6', 'VI')`)
  const records = { local: 'C6', remote: '00000000-0000-0000-0000-000000000006', next: 'to' as const }
  const { run } = await client.startRun({ kind: 'couple', mapping: 'CUSTOMER', records })
  expect((await client.waitForRun(run.id)).run.state).toBe('succeeded')
  const { rows } = await couplet.systems.query(`SELECT name, city FROM crm.account WHERE number = 'C6'`)
  expect([await created(), rows]).toEqual([['C5', 'C6'], [{ name: 'Sixth', city: 'Here' }]])
})

it('an ordinary run brings all that is due', async () => {
  const { run } = await client.startRun({ kind: 'modified' })
  await client.waitForRun(run.id)
  expect(await created()).toEqual(['C1', 'C2', 'C3', 'C4', 'C5'])
})
