import { afterEach, expect, it, onTestFailed } from 'vitest'
import { quiet, settleIntents } from '../support/crash-books.ts'
import { quickEnv } from '../support/crash-couplet.ts'
import { killAtEach, openWorkers, type Workers } from '../support/crash-workers.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let workers: Workers
afterEach(async () => {
  await workers.killAll()
  await couplet.close()
})

const numbers = async (sql: string) => (await couplet.rows<{ no: string }>(sql)).map(({ no }) => no).sort()

it('P2, P4, P9, P11: a full compare that is killed again and again finds what was deleted, and nothing else', async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(100)}`,
    env: { ...quickEnv, COUPLET_LOG_LEVEL: 'warn' },
  })
  await couplet.import({
    ...customerMapping,
    direction: 'ToIntegrationTable',
    deletionConflict: 'Propagate Deletion',
    fields: customerMapping.fields.map((field) => ({ ...field, direction: 'ToIntegrationTable' })),
  })
  workers = openWorkers(couplet.env)
  onTestFailed(() => workers.print())
  await couplet.start('full')
  const first = await workers.start()
  await quiet(couplet)
  await settleIntents(couplet)
  await first.stop()

  // Two sources, a pair, and a record on each side that was never coupled.
  await couplet.systems.query(`DELETE FROM nav.customer WHERE no IN ('C10', 'C90', 'C50');
    DELETE FROM crm.account WHERE number = 'C50'; INSERT INTO nav.customer (no, name) VALUES ('NEW', 'New')`)
  await couplet.start('full')
  await killAtEach(workers, ['commit#1', 'read#3', 'commit#2', 'commit#3', 'read#1', 'write#1', 'commit#1'])
  const last = await workers.start()
  await quiet(couplet)
  await settleIntents(couplet)
  await last.stop()

  const left = await numbers('SELECT no FROM nav.customer')
  expect(left).toHaveLength(98)
  expect(await numbers('SELECT number AS no FROM crm.account')).toEqual(left)
  const count = async (sql: string) => (await couplet.store.query(sql)).rows[0].n
  expect(await count('SELECT count(*)::int AS n FROM couplet.coupling')).toBe(98)
  expect(await count(`SELECT count(*)::int AS n FROM couplet.outcome WHERE kind = 'deleted'`)).toBe(2)
  for (const table of ['deletion_suspect', 'staged_key', 'seen_coupling', 'issue', 'inbox', 'page_intent'])
    expect([table, await count(`SELECT count(*)::int AS n FROM couplet.${table}`)]).toEqual([table, 0])
})
