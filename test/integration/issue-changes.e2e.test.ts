import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { retryIssues, skipIssues } from '../../src/usecases/records/change-issues.ts'
import { runCommand } from '../support/cli.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
beforeEach(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(6)};
      ALTER TABLE crm.account ADD CONSTRAINT polite CHECK (name NOT LIKE '%rude%');
      ALTER TABLE crm.account ADD CONSTRAINT near CHECK (city <> 'far');`,
  })
  await couplet.import({ ...customerMapping, onlyCoupled: false })
})
afterEach(() => couplet.close())

/** C1 and C2 are rude, C3 lives too far away; none of them has been created. */
async function givenTroubles(): Promise<void> {
  await couplet.systems.query(`UPDATE nav.customer SET name = 'rude' WHERE no IN ('C1', 'C2')`)
  await couplet.systems.query(`UPDATE nav.customer SET city = 'far' WHERE no = 'C3'`)
  await couplet.work()
  await couplet.run('full')
}
const states = async () => {
  const { rows } = await couplet.store.query<{ kind: string; attempts: number }>(
    `SELECT kind, attempts FROM couplet.issue ORDER BY attempts, kind`,
  )
  return rows.map(({ kind, attempts }) => `${kind} ${attempts}`)
}
const request = (filter: object) => ({ filter, requestedBy: 'test' })

describe('skip and retry by filter (domain.md §11.3, C3)', () => {
  it('retries exactly the issues meant, also creations that never had a coupling', async () => {
    await givenTroubles()
    expect(await states()).toEqual(['failed 1', 'failed 1', 'failed 1'])
    await couplet.systems.query(`ALTER TABLE crm.account DROP CONSTRAINT polite, DROP CONSTRAINT near`)
    const [issue] = await couplet.context.deps.stores.operations.listIssues({ limit: 1, before: null })
    const { released, runs } = await retryIssues(request({ ids: [issue?.id] }), couplet.context.deps)
    expect(released).toBe(1)
    const run = await couplet.ended(runs[0]?.id ?? 0)
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ read: 1, inserted: 1 })
    expect(await states()).toEqual(['failed 1', 'failed 1'])
  })

  it('what is set aside is tried by no run, and by a retry', async () => {
    await givenTroubles()
    expect(await skipIssues(request({ mapping: 'CUSTOMER' }), couplet.context.deps)).toBe(3)
    const full = await couplet.run('full')
    expect(jobOf(full, 'CUSTOMER', 'to').counters).toMatchObject({ read: 6, skipped: 3, newlySkipped: 0 })
    expect(await states()).toEqual(['skipped 1', 'skipped 1', 'skipped 1'])
    const { runs } = await retryIssues(request({ kind: 'skipped' }), couplet.context.deps)
    await couplet.ended(runs[0]?.id ?? 0)
    await waitFor('the retry', async () => (await states()).every((state) => state === 'failed 2'))
  })

  it('says so when there is nothing of that kind', async () => {
    const none = { code: 'NOTHING_TO_RETRY' }
    await expect(retryIssues(request({ code: 'INTERNAL' }), couplet.context.deps)).rejects.toMatchObject(none)
    await expect(skipIssues(request({ code: 'INTERNAL' }), couplet.context.deps)).rejects.toMatchObject(none)
  })

  it('the commands count first, ask for a yes, and do what was meant', async () => {
    await givenTroubles()
    const issues = (...args: string[]) => runCommand(['issues', ...args], couplet.env)
    expect(await issues('skip')).toMatchObject({ code: 64, stderr: expect.stringContaining('--all') })
    expect(await issues('skip', '--all')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--yes'),
    })
    const counted = await issues('skip', '--all', '--dry-run', '--json')
    expect(JSON.parse(counted.stdout).counts).toMatchObject([
      { mapping: 'CUSTOMER', kind: 'failed', issues: 3 },
    ])
    expect(await states()).toEqual(['failed 1', 'failed 1', 'failed 1'])
    const skipped = await issues(
      'skip',
      '--code',
      'VALUE_REFUSED',
      '--since',
      '2020-01-01',
      '--yes',
      '--json',
    )
    expect(JSON.parse(skipped.stdout)).toEqual({ skipped: 3 })
    const listed = await issues('--kind', 'skipped', '--json')
    const [first] = JSON.parse(listed.stdout).issues
    const retried = await issues('retry', String(first.id), '--yes')
    expect(retried).toMatchObject({ code: 0, stdout: expect.stringContaining('1 due') })
    await waitFor('the retry', async () => (await states()).includes('failed 2'))
  })
})
