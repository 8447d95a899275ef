import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { retryRecords } from '../../src/usecases/flow/retry-run.ts'
import { answerQuestion } from '../../src/usecases/question/answer-question.ts'
import { requestRecords } from '../../src/usecases/records/request-records.ts'
import {
  createInstallation,
  type Installation,
  importAll,
  jobOf,
  queuesBut,
} from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

const ask = async (
  keys: readonly string[],
  more: { mapping?: string; createMissing?: boolean; pairId?: number } = {},
) => {
  const { run } = await requestRecords(
    {
      pairId: more.pairId ?? couplet.pair.id,
      mapping: more.mapping ?? 'CUSTOMER',
      keys,
      createMissing: more.createMissing ?? false,
      requestedBy: 'test',
      reason: 'test',
      idempotencyKey: null,
      payloadHash: null,
    },
    couplet.context.deps,
  )
  return run.id
}

const stored = async () =>
  (await couplet.context.deps.stores.mappings.getMapping(couplet.pair.id, 'CUSTOMER')).definition

describe.each(queuesBut('redis'))('requests and questions over %s', (queue) => {
  beforeEach(async () => {
    couplet = await createInstallation({
      queue,
      systemsSql: `${twoTablesSql} ${insertCustomers(30)}`,
      env: { COUPLET_PAGE_SIZE: '5' },
    })
    await couplet.import(customerMapping)
    await couplet.work()
  })

  it('synchronizes exactly the records asked for, named by number or key of either side', async () => {
    await couplet.run('full')
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Moved'`)
    const [account] = await couplet.rows<{ id: string }>(`SELECT id FROM crm.account WHERE number = 'C2'`)
    const run = await couplet.ended(await ask(['C1', account?.id ?? '']))
    expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ read: 2, modified: 2 })
    const moved = await couplet.rows(`SELECT number FROM crm.account WHERE city = 'Moved' ORDER BY 1`)
    expect(moved).toEqual([{ number: 'C1' }, { number: 'C2' }])
  })

  it('refuses a key that exists on neither side, and creates a missing partner only when told to', async () => {
    await expect(ask(['NOBODY'])).rejects.toMatchObject({
      code: 'RECORD_NOT_FOUND',
      message: expect.stringContaining('NOBODY'),
    })
    const asked = await couplet.ended(await ask(['C1']))
    expect(jobOf(asked, 'CUSTOMER', 'to').counters).toMatchObject({ read: 1, notCoupled: 1 })
    const told = await couplet.ended(await ask(['C1'], { createMissing: true }))
    expect(jobOf(told, 'CUSTOMER', 'to').counters).toMatchObject({ read: 1, inserted: 1 })
  })

  it('P11: merges requests for one record that are asked for many times at once', async () => {
    await couplet.run('full')
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Moved' WHERE no = 'C1'`)
    const ids = await Promise.all(Array.from({ length: 10 }, () => ask(['C1'])))
    const runs = await Promise.all(ids.map((id) => couplet.ended(id)))
    for (const run of runs) expect(jobOf(run, 'CUSTOMER', 'to').counters.read).toBe(1)
    expect(await couplet.rows(`SELECT city FROM crm.account WHERE number = 'C1'`)).toEqual([
      { city: 'Moved' },
    ])
  })

  it('retries exactly the failed records of a run', async () => {
    await couplet.systems.query(
      `INSERT INTO crm.account (name, credit) VALUES (repeat('x', 120), 1), (repeat('y', 120), 1)`,
    )
    const run = await couplet.run('full')
    expect(jobOf(run, 'CUSTOMER', 'from').counters.failed).toBe(2)
    await couplet.systems.query(`UPDATE crm.account SET name = 'short' WHERE name LIKE 'x%'`)
    const again = await retryRecords(run.run.id, 'test', couplet.context.deps)
    const retried = await couplet.ended(again.id)
    expect(jobOf(retried, 'CUSTOMER', 'from').counters).toMatchObject({
      read: 2,
      inserted: 1,
      skipped: 1,
      newlySkipped: 1,
    })
  })

  it('P12: asks at the end of a full run, and changes nothing before the answer or by a no', async () => {
    const run = await couplet.run('full', { keepCreating: 'ask' })
    const question = await couplet.context.deps.stores.operations.findQuestion(run.run.id)
    expect(question).toMatchObject({ state: 'open', mappings: [{ name: 'CUSTOMER', version: 1 }] })
    expect((await stored()).onlyCoupled).toBe(true)
    await answerQuestion({ runId: run.run.id, answer: 'no', answeredBy: 'test' }, couplet.context.deps)
    expect((await stored()).onlyCoupled).toBe(true)
    await expect(
      answerQuestion({ runId: run.run.id, answer: 'yes', answeredBy: 'test' }, couplet.context.deps),
    ).rejects.toMatchObject({ code: 'QUESTION_NOT_OPEN' })
  })

  it('P12: a yes clears "only coupled", and what was passed over meanwhile is created by the next run', async () => {
    const run = await couplet.run('full', { keepCreating: 'ask' })
    expect(jobOf(run, 'CUSTOMER', 'to')).toMatchObject({ state: 'succeeded', counters: { inserted: 30 } })
    await couplet.systems.query(`INSERT INTO nav.customer (no, name) VALUES ('NEW', 'Late')`)
    const between = await couplet.run('modified')
    expect(jobOf(between, 'CUSTOMER', 'to').counters).toMatchObject({ notCoupled: 1 })
    await answerQuestion({ runId: run.run.id, answer: 'yes', answeredBy: 'test' }, couplet.context.deps)
    const next = await couplet.run('modified')
    expect(jobOf(next, 'CUSTOMER', 'to').counters).toMatchObject({ inserted: 1 })
  })

  it('P12: an edit between question and answer wins and is reported', async () => {
    const run = await couplet.run('full', { keepCreating: 'ask' })
    await importAll(couplet.pair, [{ ...customerMapping, description: 'edited' }], couplet.context)
    const answered = await answerQuestion(
      { runId: run.run.id, answer: 'yes', answeredBy: 'test' },
      couplet.context.deps,
    )
    expect(answered.results).toEqual([{ name: 'CUSTOMER', result: 'edited-meanwhile' }])
    expect(await stored()).toMatchObject({ description: 'edited', onlyCoupled: true })
  })

  it('keeps two pairs of the same tables apart', async () => {
    await couplet.systems.query(`
      CREATE SCHEMA nav2; CREATE SCHEMA crm2;
      CREATE TABLE nav2.customer (LIKE nav.customer INCLUDING ALL); CREATE TABLE crm2.account (LIKE crm.account INCLUDING ALL);
      INSERT INTO nav2.customer SELECT * FROM nav.customer`)
    const second = await couplet.addPair('second', { local: 'nav2', remote: 'crm2' })
    await importAll(second, [customerMapping], couplet.context)
    const [first, other] = await Promise.all([
      couplet.run('full'),
      couplet.run('full', { pairId: second.id }),
    ])
    for (const run of [first, other])
      expect(jobOf(run, 'CUSTOMER', 'to').counters).toMatchObject({ inserted: 30 })
    const counts = await couplet.rows(
      `SELECT (SELECT count(*) FROM crm.account)::int AS a, (SELECT count(*) FROM crm2.account)::int AS b,
              (SELECT count(*) FROM crm.account x JOIN crm2.account y USING (id))::int AS shared`,
    )
    expect(counts).toEqual([{ a: 30, b: 30, shared: 0 }])
  })

  it('P10: a line that fails blocks exactly its dependents, by name', async () => {
    await couplet.systems.query(
      `CREATE TABLE nav.child (LIKE nav.customer INCLUDING ALL); CREATE TABLE crm.child (LIKE crm.account INCLUDING ALL)`,
    )
    const tables = {
      local: { ...customerMapping.local, table: 'child' },
      remote: { ...customerMapping.remote, table: 'child' },
    }
    await couplet.import(
      { ...customerMapping, ...tables, name: 'CHILD', dependsOn: ['CUSTOMER'] },
      { ...customerMapping, ...tables, name: 'OTHER', exclusivityGroup: 'other' },
    )
    await couplet.systems.query(`ALTER TABLE crm.account RENAME TO gone`)
    const run = await couplet.run('full')
    expect(run.run.state).toBe('failed')
    expect(
      run.lines.map((line) => [line.mappingName, line.state, line.blockedBy, line.error?.code ?? null]),
    ).toEqual([
      ['CUSTOMER', 'failed', [], 'TABLE_NOT_FOUND'],
      ['CHILD', 'blocked', ['CUSTOMER'], null],
      ['OTHER', 'finished', [], null],
    ])
  })
})
