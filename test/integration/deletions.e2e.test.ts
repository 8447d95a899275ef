import { afterEach, describe, expect, it } from 'vitest'
import { counterNames } from '../../src/core/sync/outcome.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

type Changes = Readonly<Record<string, unknown>>

/** Coupled customers of a mapping with a policy for deletions. */
async function open(changes: Changes, count = 5): Promise<void> {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ALTER TABLE crm.account ADD state varchar(10); ALTER TABLE nav.customer ADD blocked boolean;
      ${insertCustomers(count)}`,
    env: { COUPLET_PAGE_SIZE: '2' },
  })
  await couplet.import({ ...customerMapping, ...changes })
  await couplet.work()
  await couplet.run('full')
}

const here = () => couplet.rows(`SELECT no FROM nav.customer ORDER BY no`)
const there = () => couplet.rows(`SELECT number AS no FROM crm.account ORDER BY number`)
const numbers = (...no: string[]) => no.map((each) => ({ no: each }))
const coupled = async () =>
  Number((await couplet.store.query('SELECT count(*) AS n FROM couplet.coupling')).rows[0].n)
const remembered = async () =>
  (await couplet.store.query('SELECT reason, generation FROM couplet.uncoupled_pair')).rows
const issues = async () =>
  (await couplet.store.query('SELECT direction, kind, code FROM couplet.issue ORDER BY id')).rows
const outcomes = async (kind: string) =>
  (await couplet.store.query('SELECT * FROM couplet.outcome WHERE kind = $1 ORDER BY id', [kind])).rows
/** Counters add up: read is the sum of the outcomes (P7). */
function sumUp(details: Awaited<ReturnType<Installation['run']>>): void {
  for (const { counters } of details.jobs) {
    const outcomes = counterNames.map((name) => counters[name])
    expect(counters.read).toBe(outcomes.reduce((sum, each) => sum + each, 0))
  }
}

/** Both look for all deletions: one by all keys, the other by what it has not met. */
const kinds = ['deletions', 'full'] as const

describe('a record deleted on one side', () => {
  it('P9: is propagated to the other side, in both directions, and remembered', async () => {
    await open({ deletionConflict: 'Propagate Deletion' })
    await couplet.systems.query(
      `DELETE FROM nav.customer WHERE no = 'C1'; DELETE FROM crm.account WHERE number = 'C2'`,
    )
    const run = await couplet.run('deletions')
    expect(await here()).toEqual(numbers('C3', 'C4', 'C5'))
    expect(await there()).toEqual(numbers('C3', 'C4', 'C5'))
    expect(run.run.state).toBe('succeeded')
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ read: 1, deleted: 1 })
    expect(jobOf(run, 'CUSTOMER', 'from').counters).toMatchObject({ read: 1, deleted: 1 })
    expect(await remembered()).toHaveLength(2)
    expect(await coupled()).toBe(3)
    const [first] = await outcomes('deleted')
    expect(JSON.stringify(first.changes)).toContain('Customer 2')
    const again = await couplet.run('deletions')
    expect(again.jobs.map(({ counters }) => counters.read)).toEqual([0, 0])
  })

  it('is not propagated over an edit of the other side: somebody is asked', async () => {
    await open({ deletionConflict: 'Propagate Deletion' })
    await couplet.systems.query(
      `DELETE FROM nav.customer WHERE no = 'C1'; UPDATE crm.account SET city = 'Ribe' WHERE number = 'C1'`,
    )
    const run = await couplet.run('modified')
    sumUp(run)
    expect(jobOf(run, 'CUSTOMER', 'from').counters).toMatchObject({ conflict: 1, deleted: 0 })
    expect(await there()).toHaveLength(5)
    expect(await issues()).toEqual([{ direction: 'from', kind: 'conflict', code: 'DELETED_ON_ONE_SIDE' }])
  })

  it('is created anew, as another record of the same coupling, when the policy is to restore', async () => {
    await open({ deletionConflict: 'Restore Records' })
    const [before] = await couplet.rows<{ id: string }>(`SELECT id FROM crm.account WHERE number = 'C1'`)
    await couplet.systems.query(`DELETE FROM crm.account WHERE number = 'C1'`)
    const run = await couplet.run('full')
    sumUp(run)
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ read: 5, inserted: 1, unchanged: 4 })
    const [after] = await couplet.rows<{ id: string }>(`SELECT id FROM crm.account WHERE number = 'C1'`)
    expect(after?.id).not.toBe(before?.id)
    const { rows } = await couplet.store.query(
      'SELECT generation FROM couplet.coupling ORDER BY generation DESC',
    )
    expect(rows.map(({ generation }) => generation)).toEqual([1, 0, 0, 0, 0])
    const again = await couplet.run('full')
    expect(jobOf(again, 'CUSTOMER', 'to').counters).toMatchObject({ read: 5, unchanged: 5 })
    expect(await there()).toHaveLength(5)
  })

  it('loses its coupling and nothing else, when that is the policy', async () => {
    await open({ deletionConflict: 'Remove Coupling' })
    await couplet.systems.query(`DELETE FROM crm.account WHERE number = 'C1'`)
    const run = await couplet.run('deletions')
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ read: 1, uncoupled: 1 })
    expect(await here()).toHaveLength(5)
    expect(await remembered()).toEqual([{ reason: 'A record was deleted', generation: 0 }])
    expect(await issues()).toEqual([])
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Ribe' WHERE no = 'C1'`)
    const full = await couplet.run('full')
    expect(jobOf(full, 'CUSTOMER', 'to').counters).toMatchObject({ read: 5, inserted: 0, skipped: 1 })
    expect(await issues()).toEqual([{ direction: 'to', kind: 'skipped', code: 'UNCOUPLED_BEFORE' }])
    expect(await there()).toHaveLength(4)
  })

  it('is marked on the other side and uncoupled, when the policy is to archive', async () => {
    await open({
      deletionConflict: 'Archive',
      archive: { local: { field: 'blocked', value: 'true' }, remote: { field: 'state', value: 'gone' } },
    })
    await couplet.systems.query(
      `DELETE FROM nav.customer WHERE no = 'C1'; DELETE FROM crm.account WHERE number = 'C2'`,
    )
    const run = await couplet.run('deletions')
    expect(run.jobs.map(({ counters }) => counters.uncoupled)).toEqual([1, 1])
    expect(await couplet.rows(`SELECT number FROM crm.account WHERE state = 'gone'`)).toEqual([
      { number: 'C1' },
    ])
    expect(await couplet.rows(`SELECT no FROM nav.customer WHERE blocked`)).toEqual([{ no: 'C2' }])
    expect(await coupled()).toBe(3)
    const full = await couplet.run('full')
    expect(full.jobs.map(({ counters }) => [counters.inserted, counters.skipped])).toEqual([
      [0, 1],
      [0, 1],
    ])
    expect([(await here()).length, (await there()).length]).toEqual([4, 4])
  })

  it('is reported as ever when nothing is decided, in every kind of run', async () => {
    await open({})
    await couplet.systems.query(
      `DELETE FROM crm.account WHERE number = 'C1'; UPDATE nav.customer SET city = 'Ribe' WHERE no = 'C1'`,
    )
    const modified = await couplet.run('modified')
    sumUp(modified)
    expect(jobOf(modified, 'CUSTOMER', 'to').counters).toMatchObject({ failed: 1 })
    const full = await couplet.run('full')
    expect(jobOf(full, 'CUSTOMER', 'to').counters).toMatchObject({ read: 5, newlySkipped: 1, unchanged: 4 })
    expect(await issues()).toEqual([{ direction: 'to', kind: 'skipped', code: 'COUPLED_TO_DELETED' }])
    const again = await couplet.run('full')
    sumUp(again)
    expect(jobOf(again, 'CUSTOMER', 'to').counters).toMatchObject({ read: 5, skipped: 1, newlySkipped: 0 })
    expect(await coupled()).toBe(5)
  })

  it.each(kinds)(
    'in a mapping with one direction travels that way, and is asked about the other way, by %s',
    async (kind) => {
      await open({
        direction: 'ToIntegrationTable',
        deletionConflict: 'Propagate Deletion',
        fields: customerMapping.fields.map((field) => ({ ...field, direction: 'ToIntegrationTable' })),
      })
      await couplet.systems.query(
        `DELETE FROM nav.customer WHERE no = 'C1'; DELETE FROM crm.account WHERE number = 'C2'`,
      )
      const run = await couplet.run(kind)
      sumUp(run)
      expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ deleted: 1, conflict: 1 })
      expect(await here()).toEqual(numbers('C2', 'C3', 'C4', 'C5'))
      expect(await there()).toEqual(numbers('C3', 'C4', 'C5'))
    },
  )
})

describe('a coupling', () => {
  it.each(kinds)('goes when both records are deleted, by %s', async (kind) => {
    await open({})
    await couplet.systems.query(
      `DELETE FROM nav.customer WHERE no = 'C1'; DELETE FROM crm.account WHERE number = 'C1'`,
    )
    const run = await couplet.run(kind)
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ uncoupled: 1 })
    expect(jobOf(run, 'CUSTOMER', 'from').counters).toMatchObject({ uncoupled: 0 })
    expect([await coupled(), await remembered()]).toEqual([4, []])
  })

  it('whose record is outside of the filter has its other record looked for by a full synchronization', async () => {
    const filtered = { ...customerMapping.local, filter: `city <> 'Nowhere'` }
    await open({ local: filtered, deletionConflict: 'Propagate Deletion' })
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Nowhere' WHERE no IN ('C1', 'C2')`)
    await couplet.run('modified')
    await couplet.systems.query(`DELETE FROM crm.account WHERE number = 'C1'`)
    await couplet.run('full')
    // Both sides have moved: the record was edited when it left the filter, so somebody is asked.
    expect(await issues()).toEqual([{ direction: 'to', kind: 'conflict', code: 'DELETED_ON_ONE_SIDE' }])
  })

  it('stays when a record leaves the filter: its own edits rest until it is back', async () => {
    const filtered = { ...customerMapping.local, filter: `city <> 'Nowhere'` }
    await open({ local: filtered, deletionConflict: 'Propagate Deletion' })
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Nowhere', name = 'Away' WHERE no = 'C1'`)
    await couplet.run('modified')
    await couplet.run('full')
    expect(await couplet.rows(`SELECT name FROM crm.account WHERE number = 'C1'`)).toEqual([
      { name: 'Customer 1' },
    ])
    expect([await coupled(), (await there()).length]).toEqual([5, 5])
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Ribe' WHERE no = 'C1'`)
    await couplet.run('modified')
    expect(await couplet.rows(`SELECT name, city FROM crm.account WHERE number = 'C1'`)).toEqual([
      { name: 'Away', city: 'Ribe' },
    ])
  })
})

describe('a record that was never coupled and is deleted', () => {
  it('leaves no issue behind', async () => {
    await open({}, 3)
    await couplet.systems.query(`INSERT INTO crm.account (number, name) VALUES ('X', repeat('x', 120))`)
    await couplet.run('full')
    expect(await issues()).toEqual([{ direction: 'from', kind: 'failed', code: 'VALUE_TRUNCATED' }])
    await couplet.systems.query(`DELETE FROM crm.account WHERE number = 'X'`)
    await couplet.run('full')
    expect(await issues()).toEqual([])
  })
})
