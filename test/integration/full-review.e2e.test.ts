import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { linesOf, retryLines } from '../../src/usecases/flow/retry-run.ts'
import { reviewFullSync } from '../../src/usecases/review/review-full-sync.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

const matching = {
  ...customerMapping,
  fields: customerMapping.fields.map((field) => (field.remote === 'name' ? { ...field, match: {} } : field)),
}
const other = {
  ...customerMapping,
  name: 'OTHER',
  local: { ...customerMapping.local, table: 'other' },
  remote: { ...customerMapping.remote, table: 'other' },
  dependsOn: ['CUSTOMER'],
}

beforeEach(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(3)};
      CREATE TABLE nav.other (LIKE nav.customer INCLUDING ALL); CREATE TABLE crm.other (LIKE crm.account INCLUDING ALL)`,
    env: { COUPLET_PAGE_SIZE: '2' },
  })
  await couplet.import(matching, other)
  await couplet.work()
})

const watermarks = async () => {
  const { localWatermark, remoteWatermark } = await couplet.context.deps.stores.mappings.getMapping(
    couplet.pair.id,
    'CUSTOMER',
  )
  return [localWatermark, remoteWatermark]
}

describe('the review before a full synchronization', () => {
  const review = async () => {
    const { lines } = await reviewFullSync(couplet.pair, couplet.context.deps, new AbortController().signal)
    return lines.map(({ mapping, recommendation, possibleDuplicates, dependsOn }) => [
      mapping,
      recommendation,
      possibleDuplicates,
      dependsOn,
    ])
  }

  it('recommends by the records on both sides, and knows the duplicates a preview has found', async () => {
    expect(await review()).toEqual([
      ['CUSTOMER', 'Full Synchronization', null, []],
      ['OTHER', 'No Records Found', null, ['CUSTOMER']],
    ])
    await couplet.systems.query(`INSERT INTO crm.account (name) VALUES ('Customer 1'), ('Customer 1')`)
    await couplet.run('full', { overrides: { dryRun: true } })
    expect(await review()).toEqual([
      ['CUSTOMER', 'Couple Records', 3, []],
      ['OTHER', 'No Records Found', 0, ['CUSTOMER']],
    ])
  })
})

describe('a line that only couples', () => {
  it('couples what matches, creates nothing, touches no coupled record and moves no watermark', async () => {
    await couplet.systems.query(`INSERT INTO crm.account (number, name, city, credit)
      SELECT no, name, city, credit FROM nav.customer WHERE no = 'C1'`)
    const run = await couplet.run('full', { choices: { CUSTOMER: 'couple', OTHER: 'leave out' } })
    expect(run.jobs.map(({ mappingName, type }) => [mappingName, type])).toEqual([
      ['CUSTOMER', 'coupling'],
      ['CUSTOMER', 'coupling'],
    ])
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ read: 3, coupled: 1, notCoupled: 2 })
    expect(await couplet.rows('SELECT count(*)::int AS n FROM crm.account')).toEqual([{ n: 1 }])
    expect(await watermarks()).toEqual([null, null])
    // An edit of a coupled record waits for a line that synchronizes.
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Ribe' WHERE no = 'C1'`)
    const again = await couplet.run('full', { choices: { CUSTOMER: 'couple', OTHER: 'leave out' } })
    expect(jobOf(again, 'CUSTOMER', 'to').counters).toMatchObject({ unchanged: 1, notCoupled: 2 })
    const full = await couplet.run('full')
    expect(jobOf(full, 'CUSTOMER', 'to').counters).toMatchObject({ modified: 1, inserted: 2 })
  })
})

describe('the initial direction of a run', () => {
  it('decides about pairs that have never agreed, in this run and before what the mapping says', async () => {
    await couplet.systems.query(`INSERT INTO crm.account (number, name, city, credit)
      SELECT no, name, 'Far', credit FROM nav.customer WHERE no = 'C1'`)
    await couplet.run('full', { choices: { CUSTOMER: 'couple' } })
    await couplet.run('full', { overrides: { initialDirection: { CUSTOMER: 'remote is master' } } })
    expect(await couplet.rows(`SELECT city FROM nav.customer WHERE no = 'C1'`)).toEqual([{ city: 'Far' }])
    const { definition } = await couplet.context.deps.stores.mappings.getMapping(couplet.pair.id, 'CUSTOMER')
    expect(definition.initialDirection).toBeUndefined()
  })
})

describe('single lines', () => {
  it('a finished line is restarted from the beginning, alone', async () => {
    const run = await couplet.run('full')
    await couplet.systems.query(`INSERT INTO nav.customer (no, name) VALUES ('C9', 'Late')`)
    const { deps } = couplet.context
    await retryLines(run.run.id, linesOf('CUSTOMER', run), { by: 'test', reason: null }, deps)
    const again = await couplet.ended(run.run.id)
    expect(jobOf(again, 'CUSTOMER', 'to').counters).toMatchObject({ inserted: 4 })
    expect(jobOf(again, 'OTHER', 'to').startedAt).toBe(jobOf(run, 'OTHER', 'to').startedAt)
    expect(() => linesOf('NOBODY', again)).toThrow(/no line for the mapping NOBODY/)
  })

  it('failed records of a dependency block nobody (domain.md §13.2, 5)', async () => {
    await couplet.systems.query(`INSERT INTO crm.account (name) VALUES (repeat('x', 120));
      INSERT INTO nav.other (no, name) VALUES ('O1', 'Other')`)
    const run = await couplet.run('full')
    expect(jobOf(run, 'CUSTOMER', 'from').counters.failed).toBe(1)
    expect(run.lines.map(({ state }) => state)).toEqual(['finished', 'finished'])
    expect(jobOf(run, 'OTHER', 'to').counters).toMatchObject({ inserted: 1 })
    expect(run.run.state).toBe('succeeded-with-failures')
  })
})
