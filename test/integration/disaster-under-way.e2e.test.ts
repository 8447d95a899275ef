import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCommand } from '../support/cli.ts'
import { createInstallation, type Installation, importAll } from '../support/installation.ts'
import { restoreSnapshot, takeSnapshot } from '../support/store-snapshot.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

/** The same tables once more, for a second pair. */
const otherTablesSql = twoTablesSql
  .replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION')
  .replaceAll('nav.', 'nav2.')
  .replaceAll('crm.', 'crm2.')

let couplet: Installation
const cli = (...args: string[]) => runCommand(args, couplet.env)
const sync = async (pair: string, ...more: string[]) => {
  const done = await cli('sync', 'full', '--wait', '--keep-creating', 'no', '--pair', pair, ...more)
  expect(done.code, done.stderr).toBeLessThanOrEqual(2)
}
const sql = (text: string) => couplet.systems.query(text)
const names = async (table: string) =>
  (await couplet.rows<{ name: string }>(`SELECT name FROM ${table} ORDER BY name`)).map(({ name }) => name)
const all = async () => ({
  customers: await names('nav.customer'),
  accounts: await names('crm.account'),
  others: [await names('nav2.customer'), await names('crm2.account')],
})
const runs = async () =>
  (
    await couplet.store.query<{ kind: string; state: string }>(
      `SELECT DISTINCT kind, state FROM couplet.run WHERE id > (SELECT max(id) FROM snapshot.run) OR state IN ('queued', 'running') ORDER BY kind`,
    )
  ).rows

beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} CREATE SCHEMA nav2; CREATE SCHEMA crm2; ${otherTablesSql} ${insertCustomers(3)};
      ALTER TABLE crm.account ADD CONSTRAINT late CHECK (name <> 'Refused at first')`,
  })
  const other = await couplet.addPair('other', { local: 'nav2', remote: 'crm2' })
  await couplet.import(customerMapping)
  await importAll(other, [customerMapping], couplet.context)
})
afterAll(() => couplet.close())

it('P3: runs, due issues and requests of a restored store begin nothing before everything is recovered', async () => {
  await sql(`INSERT INTO nav.customer (no, name) VALUES ('C9', 'Refused at first')`)
  await sync('test')
  await sync('other')
  // The moment of the backup: a run is under way, a record is due, another has been asked for.
  const runId = await couplet.start('modified')
  await couplet.store.query(`UPDATE couplet.run SET state = 'running' WHERE id = ${runId}`)
  await couplet.store.query(`UPDATE couplet.line SET state = 'running' WHERE run_id = ${runId}`)
  await couplet.store.query(`UPDATE couplet.issue SET next_attempt_at = now()`)
  await couplet.store.query(
    `INSERT INTO couplet.inbox (pair_id, mapping_id, direction, key, job_ids, is_wanted_anyway, force, create_missing)
     SELECT pair_id, mapping_id, 'to', local_key, '{}', true, true, true FROM couplet.coupling LIMIT 1`,
  )
  expect((await couplet.store.query(`SELECT FROM couplet.issue`)).rowCount).toBe(1)
  await takeSnapshot(couplet.store)

  // The lost hour.
  await sql(`ALTER TABLE crm.account DROP CONSTRAINT late`)
  await sql(`INSERT INTO crm.account (name) VALUES ('Made there')`)
  await sql(`INSERT INTO nav.customer (name) VALUES ('Made here')`)
  await sql(`INSERT INTO crm2.account (name) VALUES ('Made there in the other pair')`)
  await sync('test')
  await sync('other')
  const before = await all()
  expect(before.customers).toEqual(before.accounts)
  expect(before.accounts).toHaveLength(6)
  expect(before.others).toEqual([['Made there in the other pair'], ['Made there in the other pair']])

  await restoreSnapshot(couplet.store)
  const first = await cli('recover', '--pair', 'test', '--reason', 'restored', '--json')
  expect(first.code, first.stderr).toBe(0)
  expect(JSON.parse(first.stdout).recovered).toMatchObject([
    { direction: 'to', found: 2, held: 0 },
    { direction: 'from', found: 1, held: 0 },
  ])
  expect(await all()).toEqual(before)
  expect(await runs()).toEqual([{ kind: 'couple', state: 'succeeded' }])

  // Whoever starts the services too early does no harm: the other pair is not recovered yet.
  await couplet.work()
  const early = await couplet.start('full')
  await expect
    .poll(
      async () =>
        (await couplet.store.query(`SELECT FROM couplet.run WHERE requested_by = 'sweeper'`)).rowCount,
    )
    .toBeGreaterThan(0)
  expect((await couplet.context.deps.stores.runs.getRun(early)).jobs.map(({ state }) => state)).toEqual([
    'ready',
    'ready',
  ])
  expect(await all()).toEqual(before)
  const second = await cli('recover', '--pair', 'other', '--reason', 'restored')
  expect(second.code, second.stderr).toBe(0)
  expect(second.stderr).toContain('couplet resume --all')
  expect(await cli('resume', '--all')).toMatchObject({ code: 0 })
  await couplet.ended(early)
  await sync('other')
  expect(await all()).toEqual(before)
}, 180_000)
