import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BulkTask } from '../../src/core/bulk/operation.ts'
import type { IssueFilter } from '../../src/core/sync/issue.ts'
import { ofIssues, workOff } from '../support/bulk.ts'
import { runCommand, startCommand } from '../support/cli.ts'
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
const change = (kind: 'retry' | 'skip' | 'unskip', filter: IssueFilter) =>
  workOff({ task: { kind } as BulkTask, selection: ofIssues(filter), reason: 'why' }, couplet.context.deps)

describe('skip and retry by filter (domain.md §11.3, C3)', () => {
  it('retries exactly the issues meant, also creations that never had a coupling', async () => {
    await givenTroubles()
    expect(await states()).toEqual(['failed 1', 'failed 1', 'failed 1'])
    await couplet.systems.query(`ALTER TABLE crm.account DROP CONSTRAINT polite, DROP CONSTRAINT near`)
    const [issue] = await couplet.context.deps.stores.operations.listIssues({ limit: 1, before: null })
    const { counts, runIds } = await change('retry', { ids: [issue?.id ?? 0] })
    expect(counts).toEqual({ selected: 1, done: 1, refused: 0, failed: 0 })
    const run = await couplet.ended(runIds[0] ?? 0)
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ read: 1, inserted: 1 })
    expect(await states()).toEqual(['failed 1', 'failed 1'])
  })

  it('what is set aside is tried by no run, and by a retry', async () => {
    await givenTroubles()
    expect(await change('skip', { mapping: 'CUSTOMER' })).toMatchObject({ counts: { done: 3 }, runIds: [] })
    const [aside] = await couplet.context.deps.stores.operations.listIssues({ limit: 1, before: null })
    expect(aside).toMatchObject({ nextAttemptAt: null, parkedBy: 'test', parkedReason: 'why' })
    const full = await couplet.run('full')
    expect(jobOf(full, 'CUSTOMER', 'to').counters).toMatchObject({ read: 6, skipped: 3, newlySkipped: 0 })
    expect(await states()).toEqual(['skipped 1', 'skipped 1', 'skipped 1'])
    const { runIds } = await change('retry', { kind: 'skipped' })
    await couplet.ended(runIds[0] ?? 0)
    await waitFor('the retry', async () => (await states()).every((state) => state === 'failed 2'))
  })

  it('says so when there is nothing of that kind', async () => {
    const none = { code: 'NOTHING_SELECTED' }
    await expect(change('retry', { code: 'INTERNAL' })).rejects.toMatchObject(none)
    await expect(change('skip', { ids: [999_999] })).rejects.toMatchObject(none)
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
    expect(JSON.parse(counted.stdout)).toMatchObject({
      selected: 3,
      refused: 0,
      groups: [{ mapping: 'CUSTOMER', kind: 'failed', code: 'VALUE_REFUSED', records: 3, refusal: null }],
    })
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
    expect(JSON.parse(skipped.stdout).operation).toMatchObject({ kind: 'skip', counts: { done: 3 } })
    const listed = await issues('--kind', 'skipped', '--json')
    const [first] = JSON.parse(listed.stdout).issues
    const retried = await issues('retry', String(first.id), '--yes')
    expect(retried).toMatchObject({ code: 0, stdout: expect.stringContaining('1 due') })
    await waitFor('the retry', async () => (await states()).includes('failed 2'))
  })
  it('Ctrl-C ends a retry that waits before it has a run, with code 130; it goes on where a service runs', async () => {
    await givenTroubles()
    const operation = async () =>
      (await couplet.store.query('SELECT id, state FROM couplet.bulk_operation')).rows[0] ?? null
    // As pages do that go on and on: the operation cannot get on.
    const pages = await couplet.store.connect()
    await pages.query('BEGIN; SELECT FROM couplet.issue FOR UPDATE')
    const running = startCommand(['issues', 'retry', '--all', '--yes', '--wait'], couplet.env)
    await waitFor('the operation', operation)
    running.interrupt()
    const { code, stderr } = await running.ended()
    expect([code, stderr]).toEqual([130, expect.stringMatching(/Operation \d+ is stored and goes on/)])
    expect((await operation()).state).not.toBe('finished')
    await pages.query('ROLLBACK')
    pages.release()
    await waitFor('the end', async () => (await operation()).state === 'finished')
  })
})
