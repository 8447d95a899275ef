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
