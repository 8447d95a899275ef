import { afterEach, expect, it } from 'vitest'
import type { RunDetails } from '../../src/core/ports/run-store.ts'
import type { OpenDataverse } from '../support/dataverse.ts'
import { type DataversePair, openDataversePair } from '../support/dataverse-pair.ts'
import { type Installation, jobOf } from '../support/installation.ts'

let opened: DataversePair
let couplet: Installation
let dataverse: OpenDataverse
afterEach(() => opened.close())

async function open(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  opened = await openDataversePair(settings)
  couplet = opened.couplet
  dataverse = opened.dataverse
}

interface Account {
  readonly accountid: string
  readonly name: string
  readonly accountnumber: string
  readonly creditlimit: string
}

const accounts = (): Promise<readonly Account[]> => dataverse.admin('tables/account?top=5000')

const writes = (details: RunDetails) =>
  details.jobs.map(({ counters: { inserted, modified, deleted, failed } }) => [
    inserted,
    modified,
    deleted,
    failed,
  ])

it('customers of a database and accounts of Dataverse are kept equal: creations, changes both ways, deletions, no echo', async () => {
  await open()
  const full = await couplet.run('full')
  expect(full.run.state).toBe('succeeded')
  expect(jobOf(full, 'CUSTOMER', 'to').counters).toMatchObject({ inserted: 120, failed: 0 })
  expect(await accounts()).toHaveLength(120)
  // P5: what was written is no change of either side.
  expect(writes(await couplet.run('modified'))).toEqual([
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ])
  expect(writes(await couplet.run('full'))).toEqual([
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ])

  const [first, second, third] = (await accounts()).filter(({ accountnumber }) =>
    ['C1', 'C2', 'C3'].includes(accountnumber),
  )
  await couplet.systems.query(
    `UPDATE nav.customer SET credit = 922337203.33 WHERE no = '${first?.accountnumber}'`,
  )
  await dataverse.admin(`tables/account/${second?.accountid}`, { name: 'By somebody' }, 'PATCH')
  await dataverse.admin(`tables/account/${third?.accountid}`, {}, 'DELETE')
  const changed = await couplet.run('modified')
  expect(writes(changed)).toEqual([
    [0, 1, 1, 0],
    [0, 1, 0, 0],
  ])
  expect((await accounts()).find(({ accountid }) => accountid === first?.accountid)?.creditlimit).toBe(
    '922337203.3300',
  )
  const names = await couplet.rows<{ name: string }>(`SELECT name FROM nav.customer WHERE no = $1`, [
    second?.accountnumber,
  ])
  expect(names).toEqual([{ name: 'By somebody' }])
  expect(await couplet.rows(`SELECT FROM nav.customer WHERE no = $1`, [third?.accountnumber])).toEqual([])
})

it('P3: answers that are lost create nothing twice, and a record that is refused stops no other', async () => {
  await open({ bulkSize: '50', batchSize: '20' })
  for (const url of ['CreateMultiple', 'batch']) {
    dataverse.inject({ kind: 'reset', when: 'after', match: { url, method: 'POST' }, skip: 1, times: 1 })
  }
  await dataverse.admin('plug-ins', [
    { entity: 'account', on: 'create', column: 'name', contains: 'Customer 77', error: 'Not this one.' },
  ])
  const runs = [await couplet.run('full')]
  while (runs.length < 6 && runs.at(-1)?.run.state !== 'succeeded') runs.push(await couplet.run('full'))
  expect((await accounts()).map(({ accountnumber }) => accountnumber).sort()).toEqual(
    Array.from({ length: 120 }, (_, index) => `C${index + 1}`)
      .filter((number) => number !== 'C77')
      .sort(),
  )
  const issues = await couplet.store.query(`SELECT code, message FROM couplet.issue`)
  expect(issues.rows).toMatchObject([
    { code: 'INSERT_FAILED', message: expect.stringContaining('Not this one.') },
  ])
})
