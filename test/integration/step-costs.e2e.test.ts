import { afterEach, expect, it } from 'vitest'
import type { CostStep } from '../../src/core/sync/step-costs.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

type Requests = Readonly<Record<CostStep, number>>

/** Requests per step of jobs over one page of this many records: each kind of page, and the previews of some. */
async function requestsOfOnePage(records: number): Promise<readonly Requests[]> {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(records)}` })
  await couplet.import({
    ...customerMapping,
    deletionConflict: 'Propagate Deletion',
    deletionBrake: { share: 1, records: 1_000 },
  })
  await couplet.work()
  const jobs = [jobOf(await couplet.run('full'), 'CUSTOMER', 'to')]
  jobs.push(jobOf(await couplet.run('full'), 'CUSTOMER', 'to'))
  await couplet.systems.query(`UPDATE nav.customer SET city = 'Ribe', name = name || ' A/S'`)
  const preview = async (kind: 'full' | 'modified' | 'deletions') =>
    jobs.push(jobOf(await couplet.run(kind, { overrides: { dryRun: true } }), 'CUSTOMER', 'to'))
  await preview('modified')
  await preview('full')
  jobs.push(jobOf(await couplet.run('modified'), 'CUSTOMER', 'to'))
  await couplet.systems.query('DELETE FROM crm.account')
  await preview('full')
  await preview('deletions')
  jobs.push(jobOf(await couplet.run('deletions'), 'CUSTOMER', 'to'))
  expect(jobs.map(({ counters }) => counters)).toMatchObject([
    { inserted: records },
    { unchanged: records },
    { modified: records },
    { modified: records },
    { modified: records },
    { deleted: records },
    { deleted: records },
    { deleted: records },
  ])
  return jobs.map(({ stepCosts }) => {
    if (stepCosts === null) throw new Error('The job was not measured')
    const counts = Object.entries(stepCosts).map(([step, { requests }]) => [step, requests])
    return Object.fromEntries(counts) as Requests
  })
}

it('a page is a constant number of requests and statements, whatever its size', async () => {
  const small = await requestsOfOnePage(3)
  await couplet.close()
  const large = await requestsOfOnePage(300)
  expect(large).toEqual(small)
  const [created] = small
  expect(created).toMatchObject({ decide: 0, waiting: 0 })
  for (const step of ['read', 'lookup', 'write', 'commit'] as const)
    expect(created?.[step]).toBeGreaterThan(0)
})
