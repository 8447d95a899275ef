import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RecordWay } from '../../src/core/sync/run.ts'
import { requestRecords } from '../../src/usecases/records/request-records.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
beforeEach(async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(3)}` })
  await couplet.import(customerMapping)
  await couplet.work()
  await couplet.run('full')
  // Both sides change the city, the local side the credit and the remote side the name.
  await couplet.systems.query(`
    UPDATE nav.customer SET city = 'Local', credit = 7 WHERE no IN ('C1', 'C2');
    UPDATE crm.account SET city = 'Remote', name = 'Renamed' WHERE number IN ('C1', 'C2')`)
})
afterEach(() => couplet.close())

const ask = async (
  way: RecordWay,
  keys: readonly string[],
  more: { dryRun?: boolean; createMissing?: boolean } = {},
) => {
  const { run } = await requestRecords(
    {
      pairId: couplet.pair.id,
      mapping: 'CUSTOMER',
      keys,
      createMissing: false,
      way,
      requestedBy: 'test',
      reason: 'test',
      idempotencyKey: null,
      payloadHash: null,
      ...more,
    },
    couplet.context.deps,
  )
  return couplet.ended(run.id)
}
const both = async (no: string) => {
  const values = 'name, city, credit::float'
  const [local] = await couplet.rows<object>(`SELECT ${values} FROM nav.customer WHERE no = $1`, [no])
  const [remote] = await couplet.rows<object>(`SELECT ${values} FROM crm.account WHERE number = $1`, [no])
  return { local, remote }
}
const issues = async () => (await couplet.store.query('SELECT code FROM couplet.issue')).rows

describe('the way a single record goes (domain.md §12.2)', () => {
  it('to the remote side: the local values win, and what only the other side has changed stays for its own turn', async () => {
    const run = await ask('to', ['C1'])
    expect(run.run.options).toMatchObject({ recordsGo: 'to' })
    expect(run.jobs.map(({ direction }) => direction)).toEqual(['to'])
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ read: 1, modified: 1 })
    expect(await both('C1')).toEqual({
      local: { name: 'Customer 1', city: 'Local', credit: 7 },
      remote: { name: 'Renamed', city: 'Local', credit: 7 },
    })
    // P4: the new name has not been overwritten, and no run has lost sight of it.
    await couplet.run('modified')
    expect(await both('C1')).toMatchObject({ local: { name: 'Renamed', city: 'Local' } })
  })

  it('from the remote side: its values win, and the local ones are not brought across', async () => {
    const run = await ask('from', ['C1'])
    expect(jobOf(run, 'CUSTOMER', 'from').counters).toMatchObject({ read: 1, modified: 1 })
    expect(await both('C1')).toEqual({
      local: { name: 'Renamed', city: 'Remote', credit: 7 },
      remote: { name: 'Renamed', city: 'Remote', credit: 1.25 },
    })
    expect(await issues()).toEqual([])
  })

  it('merged: a field that both have changed is a conflict', async () => {
    await ask('merge', ['C1'])
    expect(await both('C1')).toMatchObject({ local: { city: 'Local' }, remote: { city: 'Remote' } })
    expect(await issues()).toEqual([{ code: 'CONFLICT_BOTH_CHANGED' }])
  })

  it('nobody is overwritten where several are sent: those changed on both sides stay conflicts', async () => {
    const run = await ask('to', ['C1', 'C3'])
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ read: 2, conflict: 1, unchanged: 1 })
    expect(await both('C1')).toMatchObject({ remote: { city: 'Remote' } })
  })

  it('is shown by a dry run, which writes nothing', async () => {
    const before = await both('C1')
    const shown = await ask('to', ['C1'], { dryRun: true })
    expect(jobOf(shown, 'CUSTOMER', 'to').counters).toMatchObject({ modified: 1, conflict: 0 })
    expect(await both('C1')).toEqual(before)
  })

  it('settles a conflict that is open already', async () => {
    await ask('merge', ['C1'])
    await ask('from', ['C1'])
    expect(await both('C1')).toMatchObject({ local: { city: 'Remote' }, remote: { city: 'Remote' } })
    await ask('merge', ['C1'])
    expect(await issues()).toEqual([])
  })

  it('P12: is allowed by the mapping, or refused; so is a record with nothing to bring that way', async () => {
    await couplet.systems.query(`INSERT INTO nav.customer (no) VALUES ('C9')`)
    await expect(ask('from', ['C1', 'C9'])).rejects.toMatchObject({
      code: 'DIRECTION_NOT_ALLOWED',
      message: expect.stringContaining("nothing to bring 'from'"),
    })
    await couplet.import({ ...customerMapping, direction: 'ToIntegrationTable' })
    await expect(ask('from', ['C1'])).rejects.toMatchObject({
      code: 'DIRECTION_NOT_ALLOWED',
      message: expect.stringContaining('ToIntegrationTable only'),
    })
  })
})
