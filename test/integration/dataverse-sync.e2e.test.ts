import { afterEach, expect, it } from 'vitest'
import type { Pair } from '../../src/core/ports/mapping-store.ts'
import type { RunDetails } from '../../src/core/ports/run-store.ts'
import { application, type OpenDataverse, openDataverse } from '../support/dataverse.ts'
import { createInstallation, type Installation, importAll, jobOf } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let dataverse: OpenDataverse
afterEach(async () => {
  await couplet.close()
  await dataverse.close()
})

/** Customers in Postgres, accounts in Dataverse, connected as an installation connects them: settings in the store. */
async function open(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  dataverse = await openDataverse({
    time: { now: () => new Date(), monotonicMs: () => performance.now() },
    size: { customers: 0, vendors: 0, contacts: 0, items: 0, resources: 0 },
  })
  process.env['CRM_SECRET'] = application.clientSecret
  couplet = await createInstallation({ systemsSql: twoTablesSql })
  const { url, tenant } = dataverse.simulator
  const stored = {
    url,
    tenant,
    authority: url,
    clientId: application.clientId,
    clientSecret: 'env:CRM_SECRET',
    ...settings,
  }
  await couplet.store.query('UPDATE couplet.connection SET kind = $1, settings = $2 WHERE name = $3', [
    'dataverse',
    JSON.stringify(stored),
    couplet.pair.remoteConnection.name,
  ])
  const remoteConnection = { ...couplet.pair.remoteConnection, kind: 'dataverse', settings: stored }
  const pair: Pair = { ...couplet.pair, remoteConnection }
  const mapping = {
    ...customerMapping,
    remote: { table: 'account', modifiedField: 'modifiedon' },
    deletionConflict: 'Propagate Deletion',
    fields: [
      { local: 'no', remote: 'accountnumber', direction: 'ToIntegrationTable' },
      { local: 'name', remote: 'name' },
      { local: 'city', remote: 'address1_city' },
      { local: 'credit', remote: 'creditlimit' },
      { remote: 'owneridtype', direction: 'ToIntegrationTable', constant: 'systemuser' },
    ],
  }
  await importAll(pair, [mapping], couplet.context)
  await couplet.systems.query(insertCustomers(120))
  await couplet.work()
}

interface Account {
  readonly accountid: string
  readonly name: string
  readonly accountnumber: string
  readonly creditlimit: string
}

const accounts = (): Promise<readonly Account[]> => dataverse.admin('tables/account?top=5000')

const writes = (details: RunDetails) =>
  details.jobs.map(({ counters: { inserted, modified, deleted, failed } }) => [
    inserted,
    modified,
    deleted,
    failed,
  ])

it('customers of a database and accounts of Dataverse are kept equal: creations, changes both ways, deletions, no echo', async () => {
  await open()
  const full = await couplet.run('full')
  expect(full.run.state).toBe('succeeded')
  expect(jobOf(full, 'CUSTOMER', 'to').counters).toMatchObject({ inserted: 120, failed: 0 })
  expect(await accounts()).toHaveLength(120)
  // P5: what was written is no change of either side.
  expect(writes(await couplet.run('modified'))).toEqual([
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ])
  expect(writes(await couplet.run('full'))).toEqual([
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ])

  const [first, second, third] = (await accounts()).filter(({ accountnumber }) =>
    ['C1', 'C2', 'C3'].includes(accountnumber),
  )
  await couplet.systems.query(
    `UPDATE nav.customer SET credit = 922337203.33 WHERE no = '${first?.accountnumber}'`,
  )
  await dataverse.admin(`tables/account/${second?.accountid}`, { name: 'By somebody' }, 'PATCH')
  await dataverse.admin(`tables/account/${third?.accountid}`, {}, 'DELETE')
  const changed = await couplet.run('modified')
  expect(writes(changed)).toEqual([
    [0, 1, 1, 0],
    [0, 1, 0, 0],
  ])
  expect((await accounts()).find(({ accountid }) => accountid === first?.accountid)?.creditlimit).toBe(
    '922337203.3300',
  )
  const names = await couplet.rows<{ name: string }>(`SELECT name FROM nav.customer WHERE no = $1`, [
    second?.accountnumber,
  ])
  expect(names).toEqual([{ name: 'By somebody' }])
  expect(await couplet.rows(`SELECT FROM nav.customer WHERE no = $1`, [third?.accountnumber])).toEqual([])
})

it('P3: answers that are lost create nothing twice, and a record that is refused stops no other', async () => {
  await open({ bulkSize: '50', batchSize: '20' })
  for (const url of ['CreateMultiple', 'batch']) {
    dataverse.inject({ kind: 'reset', when: 'after', match: { url, method: 'POST' }, skip: 1, times: 1 })
  }
  await dataverse.admin('plug-ins', [
    { entity: 'account', on: 'create', column: 'name', contains: 'Customer 77', error: 'Not this one.' },
  ])
  const runs = [await couplet.run('full')]
  while (runs.length < 6 && runs.at(-1)?.run.state !== 'succeeded') runs.push(await couplet.run('full'))
  expect((await accounts()).map(({ accountnumber }) => accountnumber).sort()).toEqual(
    Array.from({ length: 120 }, (_, index) => `C${index + 1}`)
      .filter((number) => number !== 'C77')
      .sort(),
  )
  const issues = await couplet.store.query(`SELECT code, message FROM couplet.issue`)
  expect(issues.rows).toMatchObject([
    { code: 'INSERT_FAILED', message: expect.stringContaining('Not this one.') },
  ])
})
