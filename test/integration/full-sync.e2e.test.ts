import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunDetails } from '../../src/core/ports/run-store.ts'
import { createInstallation, type Installation, jobOf, queueKinds } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

const COUNT = 1_200

let couplet: Installation

async function open(queue: 'postgres' | 'redis', mapping: object = customerMapping): Promise<void> {
  couplet = await createInstallation({
    queue,
    systemsSql: `${twoTablesSql} ${insertCustomers(COUNT)}; INSERT INTO crm.account (name, city, credit) VALUES ('Only here', 'Ribe', 1.5)`,
    env: { COUPLET_PAGE_SIZE: '100' },
  })
  await couplet.import(mapping)
  await couplet.work()
}

/** Every row of both tables with its row version: equal snapshots prove that nothing was written. */
const versions = () =>
  couplet.rows(
    `SELECT id, xmin::text FROM nav.customer UNION ALL SELECT id, xmin::text FROM crm.account ORDER BY 1, 2`,
  )

const counters = (details: RunDetails, direction: 'to' | 'from') =>
  jobOf(details, 'CUSTOMER', direction).counters

afterEach(() => couplet.close())

describe.each(queueKinds)('two tables over %s', (queue) => {
  beforeEach(() => open(queue))

  it('P3, P5: a full synchronization creates and couples everything once; run again, it writes nothing', async () => {
    const first = await couplet.run('full')
    expect(first.run).toMatchObject({ state: 'succeeded', error: null })
    // The number that the new local customer got is written back within the run: one more read and modified.
    expect(counters(first, 'to')).toMatchObject({ read: COUNT + 1, inserted: COUNT, modified: 1 })
    expect(counters(first, 'from')).toMatchObject({ read: COUNT + 1, inserted: 1, unchanged: COUNT })
    const before = await versions()
    expect(before).toHaveLength(2 * (COUNT + 1))
    for (const kind of ['full', 'modified'] as const) {
      const again = await couplet.run(kind)
      expect(again.run.state).toBe('succeeded')
      for (const { counters: c } of again.jobs) expect(c.read).toBe(c.unchanged)
    }
    expect(await versions()).toEqual(before)
  })

  it('P4: carries exactly the edits of both sides, and merges edits of different fields of one record', async () => {
    await couplet.run('full')
    await couplet.systems.query(`
      UPDATE nav.customer SET city = 'Skive' WHERE no IN ('C1', 'C2', 'C3');
      UPDATE crm.account SET name = 'Renamed' WHERE number IN ('C3', 'C4');
      UPDATE crm.account SET credit = 99.5 WHERE number = 'C5'`)
    const run = await couplet.run('modified')
    expect(run.run.state).toBe('succeeded')
    expect(counters(run, 'to')).toMatchObject({ modified: 3 })
    expect(counters(run, 'from')).toMatchObject({ modified: 3 })
    const differing = await couplet.rows(`
      SELECT c.no FROM nav.customer c LEFT JOIN crm.account a ON a.number = c.no
      WHERE c.no LIKE 'C%' AND (c.name, c.city, c.credit) IS DISTINCT FROM (a.name::varchar, a.city::varchar, a.credit)`)
    expect(differing).toEqual([])
    expect(await couplet.rows(`SELECT name, city FROM nav.customer WHERE no = 'C3'`)).toEqual([
      { name: 'Renamed', city: 'Skive' },
    ])
  })

  it('P4: the same field changed on both sides is a conflict that is kept, shown and not written', async () => {
    await couplet.run('full')
    await couplet.systems.query(`
      UPDATE nav.customer SET city = 'Here' WHERE no = 'C1'; UPDATE crm.account SET city = 'There' WHERE number = 'C1'`)
    const run = await couplet.run('modified')
    expect(run.run.state).toBe('succeeded-with-failures')
    expect(counters(run, 'to')).toMatchObject({ conflict: 1, modified: 0 })
    expect(await couplet.rows(`SELECT city FROM crm.account WHERE number = 'C1'`)).toEqual([
      { city: 'There' },
    ])
    const issues = await couplet.context.deps.stores.operations.listIssues({
      pairId: null,
      mapping: null,
      kind: 'conflict',
      code: null,
      limit: 10,
      before: null,
    })
    const side = { field: 'city', base: 'text:City 1', modifiedAt: expect.stringMatching(/Z$/) }
    // Both jobs met it, and the pair has one conflict.
    expect(issues).toMatchObject([
      {
        direction: 'to',
        conflicts: [{ local: { ...side, value: 'text:Here' }, remote: { ...side, value: 'text:There' } }],
      },
    ])
    await couplet.systems.query(`UPDATE nav.customer SET city = 'There' WHERE no = 'C1'`)
    const after = await couplet.run('modified')
    expect(after.run.state).toBe('succeeded')
    expect(await openIssues()).toEqual([])
  })

  it('P4: a conflict that one side takes back lets the edit of the other side travel, however long ago it was made', async () => {
    await couplet.run('full')
    await couplet.systems.query(`
      UPDATE nav.customer SET city = 'Here' WHERE no = 'C1'; UPDATE crm.account SET city = 'There' WHERE number = 'C1'`)
    await couplet.run('modified')
    await couplet.store.query(`
      UPDATE couplet.table_mapping SET local_watermark = jsonb_set(local_watermark::jsonb, '{from}',
        to_jsonb(to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))::text`)
    await couplet.systems.query(`UPDATE crm.account SET city = 'City 1' WHERE number = 'C1'`)
    await couplet.run('modified')
    expect(await couplet.rows(`SELECT city FROM crm.account WHERE number = 'C1'`)).toEqual([{ city: 'Here' }])
    expect(await openIssues()).toEqual([])
  })

  it('P6, P7: one bad record fails alone, with its field and value, and succeeds after it was corrected', async () => {
    await couplet.systems.query(`UPDATE crm.account SET name = repeat('x', 120)`)
    const run = await couplet.run('full')
    expect(counters(run, 'from')).toMatchObject({ failed: 1, inserted: 0 })
    expect(await openIssues()).toMatchObject([
      { code: 'VALUE_TRUNCATED', field: 'name', direction: 'from', kind: 'failed' },
    ])
    await couplet.systems.query(`UPDATE crm.account SET name = 'Short enough' WHERE number IS NULL`)
    const after = await couplet.run('full')
    expect(after.run.state).toBe('succeeded')
    expect(
      await couplet.rows(`SELECT count(*)::int AS n FROM nav.customer WHERE name = 'Short enough'`),
    ).toEqual([{ n: 1 }])
    expect(await openIssues()).toEqual([])
  })

  it('P4: a creation that failed in a full run is tried again when the record is edited, by a run that creates nothing else', async () => {
    await couplet.systems.query(`UPDATE crm.account SET name = repeat('x', 120)`)
    await couplet.run('full')
    await couplet.systems.query(`
      UPDATE crm.account SET name = 'Short enough' WHERE number IS NULL; INSERT INTO nav.customer (no, name) VALUES ('X', 'New')`)
    const run = await couplet.run('modified')
    expect(counters(run, 'from')).toMatchObject({ inserted: 1 })
    expect(counters(run, 'to')).toMatchObject({ inserted: 0, notCoupled: 1 })
    expect(await openIssues()).toEqual([])
  })

  it('P12: scheduled kinds of run create nothing while the mapping says only coupled records', async () => {
    const run = await couplet.run('modified')
    expect(counters(run, 'to')).toMatchObject({ read: COUNT, notCoupled: COUNT, inserted: 0 })
    expect(await couplet.rows(`SELECT count(*)::int AS n FROM crm.account`)).toEqual([{ n: 1 }])
    await couplet.run('full')
    expect((await mapping()).definition.onlyCoupled).toBe(true)
  })

  it('P7: the counters of every job equal its ledger', async () => {
    await couplet.systems.query(`UPDATE crm.account SET name = repeat('x', 120)`)
    await couplet.run('full')
    const broken = await couplet.store.query(`
      SELECT j.id FROM couplet.job j LEFT JOIN couplet.outcome o ON o.job_id = j.id GROUP BY j.id
      HAVING j.inserted <> count(*) FILTER (WHERE o.kind = 'inserted') OR j.failed <> count(*) FILTER (WHERE o.kind = 'failed')
          OR j.read <> j.inserted + j.modified + j.unchanged + j.coupled + j.uncoupled + j.deleted + j.skipped + j.waiting
                     + j.conflict + j.failed + j.ignored + j.not_coupled`)
    expect(broken.rows).toEqual([])
  })
})

const mapping = () => couplet.context.deps.stores.mappings.getMapping(couplet.pair.id, 'CUSTOMER')

const openIssues = () =>
  couplet.context.deps.stores.operations.listIssues({
    pairId: null,
    mapping: null,
    kind: null,
    code: null,
    limit: 10,
    before: null,
  })
