import { afterEach, describe, expect, it } from 'vitest'
import type { PipelineStep } from '../../src/core/ports/runtime.ts'
import { breakPage } from '../support/broken-page.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

async function open(deletionConflict: string): Promise<void> {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(12)}`,
    env: { COUPLET_PAGE_SIZE: '1' },
  })
  await couplet.import({ ...customerMapping, deletionConflict })
  await couplet.work()
  await couplet.run('full')
  await couplet.systems.query(`DELETE FROM crm.account WHERE number IN ('C1', 'C2')`)
}

const list = async (sql: string) => (await couplet.rows<{ no: string }>(sql)).map(({ no }) => no).sort()
const here = () => list('SELECT no FROM nav.customer')
const there = () => list('SELECT number AS no FROM crm.account')
const outcomes = async (kind: string) =>
  (
    await couplet.store.query(
      'SELECT recovered FROM couplet.outcome WHERE kind = $1 AND job_id > 2 ORDER BY id',
      [kind],
    )
  ).rows
const left = async (table: string) =>
  Number((await couplet.store.query(`SELECT count(*) AS n FROM couplet.${table}`)).rows[0].n)

/** Two pages of keys, what was found, the answer of the brake, the first record, the second one. */
const places: readonly (readonly [PipelineStep, number])[] = [
  ['read', 2],
  ['commit', 1],
  ['commit', 3],
  ['commit', 4],
  ['commit', 5],
  ['intent', 2],
  ['write', 1],
]

describe('a search for deleted records that is interrupted', () => {
  it.each(places)('P3, P9, P11: before %s %i, ends as if nothing had happened', async (step, nth) => {
    await open('Propagate Deletion')
    breakPage(couplet, step, undefined, nth)
    const { run, jobs } = await couplet.run('deletions')
    expect(run.state).toBe('succeeded')
    expect(await here()).toEqual(await there())
    expect(await here()).toHaveLength(10)
    const [to] = jobs
    expect(to?.counters).toMatchObject({ read: 2, deleted: 2 })
    expect(await outcomes('deleted')).toHaveLength(2)
    expect([await left('deletion_suspect'), await left('staged_key'), await left('issue')]).toEqual([0, 0, 0])
    expect([await left('uncoupled_pair'), await left('coupling')]).toEqual([2, 10])
  })

  it.each([3, 11, 14])(
    'P9: a full compare that stops before commit %i finds what was deleted on either side',
    async (nth) => {
      await open('Propagate Deletion')
      await couplet.systems.query(`DELETE FROM nav.customer WHERE no = 'C3'`)
      breakPage(couplet, 'commit', undefined, nth)
      const { run, jobs } = await couplet.run('full')
      expect(run.state).toBe('succeeded')
      expect(await here()).toEqual(await there())
      expect(await here()).toHaveLength(9)
      expect(jobs.map(({ counters }) => counters.deleted)).toEqual([2, 1])
      expect([await left('deletion_suspect'), await left('staged_key'), await left('seen_coupling')]).toEqual(
        [0, 0, 0],
      )
    },
  )

  it('knows by its intent who has deleted a record, when it stopped right after that', async () => {
    await open('Propagate Deletion')
    breakPage(couplet, 'commit', undefined, 5)
    await couplet.run('deletions')
    expect((await outcomes('deleted')).map(({ recovered }) => recovered)).toContain(true)
  })

  it('P3: restores a record once, when it stopped right after creating it', async () => {
    await open('Restore Records')
    breakPage(couplet, 'commit', undefined, 5)
    await couplet.run('deletions')
    expect(await there()).toEqual(await here())
    expect((await outcomes('inserted')).map(({ recovered }) => recovered)).toContain(true)
    const again = await couplet.run('full')
    expect(again.jobs.map(({ counters }) => counters.unchanged)).toEqual([12, 12])
    const { rows } = await couplet.store.query('SELECT generation FROM couplet.coupling WHERE generation > 0')
    expect([await left('coupling'), rows]).toEqual([12, [{ generation: 1 }, { generation: 1 }]])
  })
})
