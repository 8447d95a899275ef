import { afterEach, expect, it } from 'vitest'
import { readHistory } from '../../src/usecases/records/record-history.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

const historyOf = (text: string, side: 'local' | 'remote' | null = null, mapping = 'CUSTOMER') =>
  readHistory({ pairId: couplet.pair.id, mapping, text, side, limit: 50, before: null }, couplet.context.deps)

it('tells all that happened to a record and its partner, named by either side, also when they have gone', async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(3)}` })
  await couplet.import(customerMapping)
  expect(await historyOf('C1')).toMatchObject({ isCoupled: false, outcomes: [] })
  await couplet.work()
  await couplet.run('full')
  await couplet.systems.query(`UPDATE nav.customer SET city = 'Ribe' WHERE no = 'C1'`)
  await couplet.run('modified')
  await couplet.systems.query(`UPDATE crm.account SET city = 'Aarhus' WHERE number = 'C1'`)
  await couplet.run('modified')
  const byNumber = await historyOf('C1')
  expect(byNumber.isCoupled).toBe(true)
  expect(byNumber.outcomes.map(({ kind, direction, changes }) => [kind, direction, changes])).toEqual([
    ['modified', 'from', [{ field: 'city', before: 'text:Ribe', after: 'text:Aarhus' }]],
    ['modified', 'to', [{ field: 'city', before: 'text:City 1', after: 'text:Ribe' }]],
    ['inserted', 'to', expect.arrayContaining([{ field: 'city', before: null, after: 'text:City 1' }])],
  ])
  const [{ id } = { id: '' }] = await couplet.rows<{ id: string }>(
    `SELECT id FROM crm.account WHERE number = 'C1'`,
  )
  expect(await historyOf(id, 'remote')).toEqual(byNumber)
  await couplet.systems.query(
    `DELETE FROM nav.customer WHERE no = 'C1'; DELETE FROM crm.account WHERE id = '${id}'`,
  )
  expect(await historyOf('C1')).toEqual(byNumber)
  expect(await historyOf(id)).toEqual(byNumber)
  await couplet.store.query('DELETE FROM couplet.coupling')
  expect(await historyOf(id)).toEqual({ ...byNumber, isCoupled: false })
  await expect(historyOf('C9')).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND' })
  await expect(historyOf('C2', 'remote')).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND' })
  await expect(historyOf('C2', null, 'NONE')).rejects.toMatchObject({ code: 'MAPPING_UNKNOWN' })
})

it('asks no system for what has happened, and gives the same pair on every page', async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(2)}` })
  await couplet.import(customerMapping)
  await couplet.work()
  await couplet.run('full')
  const [{ id, remote } = { id: '', remote: '' }] = await couplet.rows<{ id: string; remote: string }>(
    `SELECT c.id, a.id AS remote FROM nav.customer c JOIN crm.account a ON a.number = c.no WHERE c.no = 'C1'`,
  )
  // Coupled once, then uncoupled; since then each attempt has named one record only.
  await couplet.store.query(`DELETE FROM couplet.coupling;
    INSERT INTO couplet.outcome (at, pair_id, mapping_id, job_id, direction, kind, local_key, remote_key, recovered)
    SELECT clock_timestamp(), pair_id, mapping_id, job_id, d.direction, 'failed',
      CASE d.direction WHEN 'to' THEN local_key END, CASE d.direction WHEN 'from' THEN remote_key END, false
    FROM couplet.outcome, (VALUES ('to'), ('to'), ('to'), ('from')) AS d (direction)
    WHERE local_key = 'uuid:${id}'`)
  await couplet.systems.query('DROP SCHEMA nav CASCADE; DROP SCHEMA crm CASCADE')
  const page = (before: number | null) =>
    readHistory(
      { pairId: couplet.pair.id, mapping: 'CUSTOMER', text: id, side: null, limit: 2, before },
      couplet.context.deps,
    )
  const pages = [await page(null)]
  for (let next = pages[0]; next?.outcomes.length === 2; pages.push(next))
    next = await page(next.outcomes.at(-1)?.id ?? 0)
  expect(pages.flatMap(({ outcomes }) => outcomes.map(({ kind }) => kind))).toEqual([
    'failed',
    'failed',
    'failed',
    'failed',
    'inserted',
  ])
  for (const each of pages)
    expect(each).toMatchObject({ local: `uuid:${id}`, remote: `uuid:${remote}`, isCoupled: false })
  expect((await historyOf(remote)).outcomes).toHaveLength(5)
  // Only what Couplet knows nothing of needs the systems.
  await expect(historyOf('C9')).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
})
