import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunDetails } from '../../src/core/ports/run-store.ts'
import type { AfterCoupling } from '../../src/core/ports/sync-store.ts'
import { foreseeUncoupling } from '../../src/usecases/coupling/foresee-uncoupling.ts'
import { requestCoupling } from '../../src/usecases/coupling/request-coupling.ts'
import { requestUncoupling } from '../../src/usecases/coupling/request-uncoupling.ts'
import { requestRecords } from '../../src/usecases/records/request-records.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import {
  customerMapping,
  insertCustomers,
  orderMapping,
  orderTablesSql,
  twoTablesSql,
} from '../support/two-tables.ts'

let couplet: Installation
beforeEach(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(3)}; ${orderTablesSql}; DELETE FROM nav.orders WHERE customer = 'C4'`,
  })
  await couplet.import(customerMapping)
  await couplet.work()
})
afterEach(() => couplet.close())

const origin = (reason = 'test') => ({
  pairId: couplet.pair.id,
  mapping: 'CUSTOMER',
  requestedBy: 'anna',
  reason,
  idempotencyKey: null,
  payloadHash: null,
})
const couple = async (local: string, remote: string, next: AfterCoupling = 'nothing', dryRun = false) =>
  couplet.ended(
    (await requestCoupling({ ...origin(), local, remote, next, dryRun }, couplet.context.deps)).run.id,
  )
const uncoupleBy = async (keys: readonly string[], dryRun: boolean) =>
  couplet.ended(
    (await requestUncoupling({ ...origin('a mistake'), keys, dryRun }, couplet.context.deps)).run.id,
  )
const uncouple = (...keys: string[]) => uncoupleBy(keys, false)
const uncoupleAll = async (dryRun = false) =>
  couplet.run('uncouple', { mapping: 'CUSTOMER', overrides: { dryRun } })
const findingsOf = async ({ run }: RunDetails) =>
  (await couplet.context.deps.stores.previews.getResult(run.id)).findings.map(
    ({ direction, kind, code, records }) => [direction, kind, code, records],
  )
const create = async (...keys: string[]) =>
  couplet.ended(
    (await requestRecords({ ...origin(), keys, createMissing: true }, couplet.context.deps)).run.id,
  )

const newAccount = async (name: string, city = '') => {
  const sql = 'INSERT INTO crm.account (name, city) VALUES ($1, $2) RETURNING id'
  const [row] = await couplet.rows<{ id: string }>(sql, [name, city])
  return row?.id ?? ''
}
const accounts = () => couplet.rows('SELECT number, name, city FROM crm.account ORDER BY number, name')
const countAccounts = async () => (await accounts()).length
const customer = async (no: string) =>
  (
    await couplet.rows<{ id: string; name: string; city: string }>(
      `SELECT id, name, city FROM nav.customer WHERE no = '${no}'`,
    )
  )[0]
const couplings = async () =>
  (
    await couplet.store.query<{ local: string; remote: string; generation: number }>(
      'SELECT local_reference AS local, remote_key AS remote, generation FROM couplet.coupling ORDER BY 1',
    )
  ).rows

describe('coupling by hand', () => {
  it('couples two records and leaves their values alone, unless it is told what comes next', async () => {
    const id = await newAccount('Somebody', 'Ribe')
    const run = await couple('C1', id)
    expect(run.run).toMatchObject({ kind: 'couple', state: 'succeeded' })
    expect(jobOf(run, 'CUSTOMER', 'to')).toMatchObject({
      type: 'coupling',
      counters: { read: 1, coupled: 1 },
    })
    expect(await couplings()).toEqual([{ local: 'text:C1', remote: `uuid:${id}`, generation: 0 }])
    expect(await accounts()).toEqual([{ number: null, name: 'Somebody', city: 'Ribe' }])
    const again = await couple('C1', id)
    expect(jobOf(again, 'CUSTOMER', 'to').counters).toMatchObject({ read: 1, unchanged: 1 })
  })

  it.each([
    ['to', { name: 'Customer 1', city: 'City 1' }],
    ['from', { name: 'Somebody', city: 'Ribe' }],
  ] as const)('brings the values %s the other side when that comes next', async (next, values) => {
    const id = await newAccount('Somebody', 'Ribe')
    const run = await couple('C1', id, next)
    expect(jobOf(run, 'CUSTOMER', next).counters).toMatchObject({ coupled: 1, modified: 1 })
    expect(await customer('C1')).toMatchObject(values)
    expect(await accounts()).toMatchObject([values])
    expect(await countAccounts()).toBe(1)
  })

  it('refuses a record that is coupled already, naming both, and one that is not there', async () => {
    const [first, second] = [await newAccount('First'), await newAccount('Second')]
    await couple('C1', first)
    await expect(couple('C1', second)).rejects.toMatchObject({
      code: 'ALREADY_COUPLED',
      message: expect.stringMatching(new RegExp(`customer .*${second}.*${first}`)),
    })
    await expect(couple('C2', first)).rejects.toMatchObject({ code: 'ALREADY_COUPLED' })
    await expect(couple('NOBODY', second)).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND' })
    expect(await couplings()).toHaveLength(1)
  })

  it('drops a coupling whose other record is gone', async () => {
    const [first, second] = [await newAccount('First'), await newAccount('Second')]
    await couple('C1', first)
    await couplet.systems.query('DELETE FROM crm.account WHERE id = $1', [first])
    await couple('C1', second)
    expect(await couplings()).toEqual([{ local: 'text:C1', remote: `uuid:${second}`, generation: 1 }])
  })

  it('of two requests for one record at once only one couples it', async () => {
    const [first, second] = [await newAccount('First'), await newAccount('Second')]
    const asks = [
      { local: 'C1', remote: first },
      { local: 'C2', remote: first },
      { local: 'C3', remote: second },
    ]
    const runs = await Promise.all(
      asks.map((ask) =>
        requestCoupling({ ...origin(), ...ask, next: 'nothing' }, couplet.context.deps).then(({ run }) =>
          couplet.ended(run.id),
        ),
      ),
    )
    expect(runs.map((run) => jobOf(run, 'CUSTOMER', 'to').counters.coupled).sort()).toEqual([0, 1, 1])
    expect(await couplings()).toHaveLength(2)
  })
})

describe('uncoupling', () => {
  it('keeps both records, and no run couples or creates again what was undone', async () => {
    await couplet.run('full')
    const run = await uncouple('C1', 'C2')
    expect(run.run).toMatchObject({ kind: 'uncouple', state: 'succeeded' })
    expect(jobOf(run, 'CUSTOMER', 'to')).toMatchObject({
      type: 'uncoupling',
      counters: { read: 2, uncoupled: 2 },
    })
    expect(await countAccounts()).toBe(3)
    const full = await couplet.run('full')
    for (const direction of ['to', 'from'] as const)
      expect(jobOf(full, 'CUSTOMER', direction).counters).toMatchObject({ read: 3, unchanged: 1, skipped: 2 })
    expect([await countAccounts(), (await couplings()).length]).toEqual([3, 1])
    const issues = await couplet.store.query(`SELECT DISTINCT kind, code FROM couplet.issue`)
    expect(issues.rows).toEqual([{ kind: 'skipped', code: 'UNCOUPLED_BEFORE' }])
  })

  it('is over when somebody couples the two again by hand', async () => {
    await couplet.run('full')
    const [before] = await couplings()
    await uncouple('C1')
    await couplet.run('full')
    await couple('C1', before?.remote.slice('uuid:'.length) ?? '')
    expect((await couplings())[0]).toEqual({ ...before, generation: 1 })
    const full = await couplet.run('full')
    expect(full.run.state).toBe('succeeded')
    expect(await couplet.store.query('SELECT FROM couplet.issue')).toMatchObject({ rowCount: 0 })
  })

  it('is over for the record that gets a new partner by hand, which is a new record', async () => {
    await couplet.run('full')
    await uncouple('C1')
    const run = await create('C1')
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ inserted: 1 })
    expect(await countAccounts()).toBe(4)
    const full = await couplet.run('full')
    expect(jobOf(full, 'CUSTOMER', 'to').counters).toMatchObject({ unchanged: 3 })
    expect(jobOf(full, 'CUSTOMER', 'from').counters).toMatchObject({ unchanged: 3, skipped: 1 })
    expect((await couplings()).map(({ generation }) => generation)).toEqual([1, 0, 0])
  })

  it('removes all couplings of a mapping page by page, and those of records that are gone', async () => {
    await couplet.run('full')
    await couplet.systems.query(
      `DELETE FROM nav.customer WHERE no = 'C1'; DELETE FROM crm.account WHERE number = 'C1'`,
    )
    const ended = await uncoupleAll()
    expect(jobOf(ended, 'CUSTOMER', 'to').counters).toMatchObject({ read: 3, uncoupled: 3 })
    expect(await couplings()).toEqual([])
    expect(await couplet.store.query('SELECT FROM couplet.uncoupled_pair')).toMatchObject({ rowCount: 2 })
  })

  it('refuses a record that is not coupled', async () => {
    await expect(uncouple('C1')).rejects.toMatchObject({
      code: 'NOT_COUPLED',
      message: expect.stringContaining('C1'),
    })
  })
})

describe('a dry run', () => {
  it('of coupling by hand shows the pair and what would come next, and couples nothing', async () => {
    const id = await newAccount('Somebody', 'Ribe')
    const shown = await couple('C1', id, 'to', true)
    expect(shown.run).toMatchObject({ kind: 'couple', state: 'succeeded' })
    expect(jobOf(shown, 'CUSTOMER', 'to').counters).toMatchObject({ read: 2, coupled: 1, modified: 1 })
    expect(await findingsOf(shown)).toContainEqual(['to', 'coupled', null, 1])
    expect([await couplings(), await accounts()]).toEqual([
      [],
      [{ number: null, name: 'Somebody', city: 'Ribe' }],
    ])
    const real = await couple('C1', id, 'to')
    expect(jobOf(real, 'CUSTOMER', 'to').counters).toEqual(jobOf(shown, 'CUSTOMER', 'to').counters)
  })

  it('of coupling by hand drops a coupling whose other record is gone from what it shows only', async () => {
    const [first, second] = [await newAccount('First'), await newAccount('Second')]
    await couple('C1', first)
    await couplet.systems.query('DELETE FROM crm.account WHERE id = $1', [first])
    const shown = await couple('C1', second, 'to', true)
    expect(jobOf(shown, 'CUSTOMER', 'to').counters).toMatchObject({ coupled: 1, modified: 1 })
    expect(await couplings()).toMatchObject([{ remote: `uuid:${first}` }])
  })

  it('of uncoupling counts one, several or all, and removes nothing', async () => {
    await couplet.run('full')
    const before = await couplings()
    const some = await uncoupleBy(['C1', 'C2'], true)
    expect(jobOf(some, 'CUSTOMER', 'to').counters).toMatchObject({ read: 2, uncoupled: 2 })
    const all = await uncoupleAll(true)
    expect(jobOf(all, 'CUSTOMER', 'to').counters).toMatchObject({ read: 3, uncoupled: 3 })
    expect(await couplings()).toEqual(before)
    expect(await couplet.store.query('SELECT FROM couplet.uncoupled_pair')).toMatchObject({ rowCount: 0 })
  })
})

describe('records that refer to an uncoupled one', () => {
  beforeEach(async () => {
    await couplet.import({ ...orderMapping, local: { table: 'orders', referenceField: 'note' } })
    await couplet.run('full')
    // Coupled last, whatever the order of their keys.
    await couplet.systems.query(`INSERT INTO nav.orders (customer, note) VALUES ('C1', 'Order 9')`)
    await couplet.run('full')
  })
  const foresee = (keys: readonly string[] | null) =>
    foreseeUncoupling({ pairId: couplet.pair.id, mapping: 'CUSTOMER', keys }, couplet.context.deps)

  it('are counted and named before, in a dry run, and with the outcome', async () => {
    expect(await foresee(['C1'])).toEqual({
      couplings: 1,
      dependents: [{ mapping: 'ORDERS', records: 2, names: ['text:Order 1', 'text:Order 9'] }],
    })
    expect(await foresee(null)).toMatchObject({ couplings: 3, dependents: [{ records: 4 }] })
    const shown = await uncoupleAll(true)
    expect(await findingsOf(shown)).toEqual([['to', 'uncoupled', 'STILL_REFERRED_TO', 3]])
    const run = await uncouple('C1')
    const { rows } = await couplet.store.query(
      'SELECT code, message FROM couplet.outcome WHERE job_id = $1',
      [jobOf(run, 'CUSTOMER', 'to').id],
    )
    expect(rows).toEqual([
      {
        code: 'STILL_REFERRED_TO',
        message: 'Still referred to by 2 records of ORDERS (Order 1, Order 9)',
      },
    ])
  })

  it('keep what they hold; who refers to it from now on waits', async () => {
    await uncouple('C1')
    await couplet.systems.query(`UPDATE nav.orders SET customer = 'C1' WHERE note = 'Order 2'`)
    const full = await couplet.run('full')
    expect(jobOf(full, 'ORDERS', 'to').counters).toMatchObject({ waiting: 1, unchanged: 3 })
  })
})
