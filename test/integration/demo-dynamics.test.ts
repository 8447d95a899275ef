import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareSystems } from '../../src/demo/dynamics/compare.ts'
import { coupledOptions, describeContents } from '../../src/demo/dynamics/contents.ts'
import { editBothSystems } from '../../src/demo/dynamics/edits.ts'
import { fillSystems } from '../../src/demo/dynamics/fill.ts'
import { snapshotSystems } from '../../src/demo/dynamics/snapshot.ts'
import { demoSize } from '../../src/demo/records/size.ts'
import type { DemoContents } from '../../src/demo/seed.ts'
import { startTestSystems, type TestSystems } from '../support/dynamics.ts'

describe('the demo over HTTP, before anything is synchronized', () => {
  let test: TestSystems
  let contents: DemoContents
  const size = demoSize(60)
  beforeAll(async () => {
    test = await startTestSystems()
    await fillSystems(test.systems, { size, seed: 1 })
    contents = await describeContents(test.systems, size)
  })
  afterAll(() => test.close())

  it('has every deliberate problem, at records that exist', () => {
    expect(contents.problems.map(({ mapping, code, records }) => [mapping, code, records.length])).toEqual([
      ['CURRENCY', 'EXCHANGE_RATE_MISSING', 1],
      ['UNIT OF MEASURE', 'UNIT_GROUP_INVALID', 1],
      ['PAYMENT TERMS', 'OPTION_NOT_MAPPED', 1],
      ['SHIPMENT METHOD', 'OPTION_NOT_MAPPED', 1],
      ['SHIPPING AGENT', 'OPTION_NOT_MAPPED', 1],
      ['CUSTOMER', 'REFERENCE_NOT_COUPLED', 3],
      ['CUSTOMER', 'REFERENCE_NOT_COUPLED', 1],
      ['CUSTOMER', 'VALUE_TRUNCATED', 1],
      ['CONTACT', 'REFERENCE_NOT_COUPLED', 10],
      ['CONTACT', 'REFERENCE_NOT_COUPLED', 1],
    ])
    expect(contents.problems.flatMap(({ records }) => records).filter(({ key }) => key === '')).toEqual([])
  })

  it('expects of every mapping as many records as there are', () => {
    const total = (mapping: string) =>
      contents.expected
        .filter((job) => job.mapping === mapping && job.direction === 'to')
        .reduce((sum, job) => sum + job.inserted + job.matched + job.failed + job.waiting, 0)
    // Blocked customers and items take no part.
    expect([total('CUSTOMER'), total('ITEM-PRODUCT'), total('VENDOR')]).toEqual([59, 47, 3])
    const byHand = coupledOptions.filter(({ mapping }) => mapping === 'PAYMENT TERMS').length
    expect(total('PAYMENT TERMS') + byHand).toBe(contents.local['paymentTerm'])
  })

  it('notices that nothing has a partner yet', async () => {
    const [customers, persons, items] = await compareSystems(test.systems)
    expect(customers?.wrong).toContain('info@c00001.example is missing in Dataverse')
    expect(customers?.wrong).toContain('info@west-1.example is missing in Business Central')
    expect(persons?.wrong.length).toBeGreaterThan(80)
    // Those that stand for items by their number already.
    expect(items?.equal).toBe(size.matchedProducts)
  })

  it('notices a write that changes nothing', async () => {
    const before = await snapshotSystems(test.systems)
    expect(await snapshotSystems(test.systems)).toEqual(before)
    const [account] = await test.systems.remote.admin.readAll('account')
    await test.systems.remote.admin.patch('account', String(account?.['accountid']), {
      name: account?.['name'],
    })
    const after = await snapshotSystems(test.systems)
    const changed = after.filter((table, index) => table.writes !== before[index]?.writes)
    expect(changed.map(({ table }) => table)).toEqual(['account'])
    expect(after.map(({ content }) => content)).toEqual(before.map(({ content }) => content))
  })

  it('says what to do when people are to edit records that have no partner yet', async () => {
    await expect(editBothSystems(test.systems, 1)).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND' })
  })
})
