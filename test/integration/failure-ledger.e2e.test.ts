import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planRun } from '../../src/usecases/flow/plan-run.ts'
import { storeAndEnqueue } from '../../src/usecases/flow/start-run.ts'
import { createInstallation, type Installation, jobOf, request } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
beforeEach(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(8)};
      ALTER TABLE crm.account ADD strict boolean NOT NULL DEFAULT true,
        ADD CONSTRAINT polite CHECK (NOT strict OR name NOT LIKE '%rude%')`,
    env: { COUPLET_PAGE_SIZE: '5' },
  })
  await couplet.import(mapping)
  await couplet.work()
})
afterEach(() => couplet.close())

const mapping = { ...customerMapping, onlyCoupled: false }

interface IssueRow {
  readonly kind: string
  readonly attempts: number
  readonly repeats: number
}
const issues = async () =>
  (
    await couplet.store.query<IssueRow>(
      `SELECT kind, attempts, repeats FROM couplet.issue ORDER BY direction DESC, key`,
    )
  ).rows
const to = async (kind: 'full' | 'modified') => jobOf(await couplet.run(kind), 'CUSTOMER', 'to').counters
/** Lets the pause before the next attempt pass. */
const letTimePass = () =>
  couplet.store.query(`UPDATE couplet.issue SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL`)
const beRude = (no: string) =>
  couplet.systems.query(`UPDATE nav.customer SET name = 'rude' WHERE no = '${no}'`)

/** C1 fails twice and is set aside. */
async function setC1Aside(): Promise<void> {
  await couplet.run('full')
  await beRude('C1')
  await couplet.run('modified')
  await letTimePass()
  await waitFor('C1 is set aside', async () => (await issues())[0]?.kind === 'skipped')
}

describe('the failure ledger (domain.md §11.4)', () => {
  it('a permanent failure comes back once by itself, and is set aside when it ends alike', async () => {
    await couplet.run('full')
    await beRude('C1')
    expect(await to('modified')).toMatchObject({ failed: 1, failedPermanent: 1, newlySkipped: 0 })
    expect(await issues()).toEqual([{ kind: 'failed', attempts: 1, repeats: 1 }])
    await letTimePass()
    expect(await to('modified')).toMatchObject({ failed: 0 })
    await waitFor('C1 is set aside', async () => (await issues())[0]?.kind === 'skipped')
    expect(await issues()).toEqual([{ kind: 'skipped', attempts: 2, repeats: 2 }])
    const { rows } = await couplet.store.query(
      `SELECT kind, code FROM couplet.outcome WHERE kind IN ('failed', 'skipped') ORDER BY id`,
    )
    expect(rows).toEqual([
      { kind: 'failed', code: 'VALUE_REFUSED' },
      { kind: 'skipped', code: 'VALUE_REFUSED' },
    ])
  })

  it('leaves it out of every run in both directions, counts it, and lists it with the run', async () => {
    await setC1Aside()
    const run = await couplet.run('full')
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ read: 8, skipped: 1, newlySkipped: 0 })
    expect(jobOf(run, 'CUSTOMER', 'from').counters).toMatchObject({ read: 8, skipped: 1 })
    expect(await issues()).toEqual([{ kind: 'skipped', attempts: 2, repeats: 2 }])
    const listed = await couplet.context.deps.stores.runs.listFailedRecords(run.run.id)
    expect(listed).toHaveLength(1)
  })

  it('an edit of the record releases it', async () => {
    await setC1Aside()
    await couplet.systems.query(`UPDATE nav.customer SET name = 'kind' WHERE no = 'C1'`)
    expect(await to('modified')).toMatchObject({ modified: 1, skipped: 0 })
    expect(await issues()).toEqual([])
  })

  it('an edit of its partner releases it, too', async () => {
    await setC1Aside()
    await couplet.systems.query(`ALTER TABLE crm.account DROP CONSTRAINT polite`)
    await couplet.systems.query(`UPDATE crm.account SET city = 'Elsewhere' WHERE number = 'C1'`)
    await couplet.run('modified')
    await waitFor('C1 is in step', async () => (await issues()).length === 0)
    expect(await couplet.rows(`SELECT name, city FROM crm.account WHERE number = 'C1'`)).toEqual([
      { name: 'rude', city: 'Elsewhere' },
    ])
  })

  it('so does an edit of the partner in a field that is not mapped, which brings nothing back', async () => {
    await setC1Aside()
    await couplet.systems.query(`UPDATE crm.account SET strict = false WHERE number = 'C1'`)
    await couplet.run('modified')
    await waitFor('C1 is in step', async () => (await issues()).length === 0)
    expect(await couplet.rows(`SELECT name FROM crm.account WHERE number = 'C1'`)).toEqual([{ name: 'rude' }])
  })

  it('a run may be told to try what was set aside', async () => {
    await setC1Aside()
    await couplet.systems.query(`ALTER TABLE crm.account DROP CONSTRAINT polite`)
    const { deps } = couplet.context
    const planned = planRun(
      request(couplet.pair.id, 'full'),
      await deps.stores.mappings.listMappings(couplet.pair.id),
    )
    const options = { ...planned.options, includeSkipped: true }
    const { run } = await storeAndEnqueue({ ...planned, options }, deps)
    const details = await couplet.ended(run.id)
    expect(jobOf(details, 'CUSTOMER', 'to').counters).toMatchObject({ modified: 1, skipped: 0 })
    expect(await issues()).toEqual([])
  })

  it('a new version of the mapping releases it without any run being asked for', async () => {
    await setC1Aside()
    await couplet.systems.query(`ALTER TABLE crm.account DROP CONSTRAINT polite`)
    await couplet.import({ ...mapping, description: 'Another version' })
    await waitFor('C1 is in step', async () => (await issues()).length === 0)
    expect(await couplet.rows(`SELECT name FROM crm.account WHERE number = 'C1'`)).toEqual([{ name: 'rude' }])
  })

  it('a field that was made longer releases it at the next run', async () => {
    await couplet.systems.query(`ALTER TABLE crm.account ALTER name TYPE varchar(20)`)
    await couplet.run('full')
    await couplet.systems.query(`UPDATE nav.customer SET name = repeat('long ', 8) WHERE no = 'C1'`)
    await couplet.run('modified')
    await letTimePass()
    await waitFor('C1 is set aside', async () => (await issues())[0]?.kind === 'skipped')
    await couplet.systems.query(`ALTER TABLE crm.account ALTER name TYPE varchar(160)`)
    await couplet.run('modified')
    await waitFor('C1 is in step', async () => (await issues()).length === 0)
  })

  it('a record that is read again unchanged counts no attempt', async () => {
    await couplet.run('full')
    await beRude('C1')
    await couplet.run('modified')
    await couplet.store.query(`UPDATE couplet.table_mapping SET local_watermark = NULL`)
    expect(await to('modified')).toMatchObject({ failed: 1 })
    expect(await issues()).toEqual([{ kind: 'failed', attempts: 1, repeats: 1 }])
  })
})
