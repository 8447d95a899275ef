import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { requestRecords } from '../../src/usecases/records/request-records.ts'
import { createInstallation, type Installation, jobOf, queuesBut } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

/** Who writes an account whose number has a gate waits until it is opened. */
const gatesSql = `
  CREATE TABLE public.gate (number varchar PRIMARY KEY);
  CREATE FUNCTION public.wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    WHILE EXISTS (SELECT FROM public.gate WHERE number = NEW.number) LOOP PERFORM pg_sleep(0.01); END LOOP;
    RETURN NEW; END $$;
  CREATE TRIGGER gate BEFORE INSERT OR UPDATE ON crm.account FOR EACH ROW EXECUTE FUNCTION public.wait_at_gate();`

let couplet: Installation
/** Numbers of the customers in the order in which a pass reads them, in pages of five. */
let numbers: readonly string[]
afterEach(() => couplet.close())

const close = (position: number) =>
  couplet.systems.query('INSERT INTO public.gate VALUES ($1)', [numbers[position]])
const open = (position: number) =>
  couplet.systems.query('DELETE FROM public.gate WHERE number = $1', [numbers[position]])
const arrivedAt = (position: number) =>
  waitFor(`the full synchronization at gate ${position}`, async () => {
    const { rowCount } = await couplet.systems.query(
      `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`,
    )
    return rowCount === 1
  })
const account = async (number: string | undefined) => {
  const sql = 'SELECT id, city FROM crm.account WHERE number = $1'
  const [found] = await couplet.rows<{ id: string; city: string }>(sql, [number])
  return found
}
const stateOf = async (runId: number) => (await couplet.context.deps.stores.runs.getRun(runId)).run.state

const ask = async (key: string | undefined) => {
  const more = { requestedBy: 'test', reason: 'test', idempotencyKey: null, payloadHash: null }
  const request = { pairId: couplet.pair.id, mapping: 'CUSTOMER', keys: [key ?? ''], createMissing: true }
  return (await requestRecords({ ...request, ...more }, couplet.context.deps)).run.id
}

describe.each(queuesBut('postgres'))('a record asked for during a full synchronization, over %s', (queue) => {
  beforeEach(async () => {
    couplet = await createInstallation({
      queue,
      systemsSql: `${twoTablesSql} ${insertCustomers(30)} ; ${gatesSql}`,
      env: { COUPLET_PAGE_SIZE: '5' },
    })
    await couplet.import(customerMapping)
    await couplet.work()
    numbers = (await couplet.rows<{ no: string }>('SELECT no FROM nav.customer ORDER BY id')).map(
      ({ no }) => no,
    )
  })

  it('is there, and its run over, before that one ends: in the direction at work and in the other one', async () => {
    await couplet.systems.query(`INSERT INTO crm.account (number, name) VALUES ('REMOTE', 'Remote')`)
    await close(7)
    await close(27)
    const full = await couplet.start('full')
    await arrivedAt(7)
    const [to, from] = [await ask(numbers[29]), await ask((await account('REMOTE'))?.id)]
    await open(7)
    expect(jobOf(await couplet.ended(to), 'CUSTOMER', 'to')).toMatchObject({
      state: 'succeeded',
      counters: { read: 1, inserted: 1 },
    })
    expect(jobOf(await couplet.ended(from), 'CUSTOMER', 'from')).toMatchObject({
      state: 'succeeded',
      counters: { read: 1, inserted: 1 },
    })
    expect(await stateOf(full)).toBe('running')
    await open(27)
    const ended = await couplet.ended(full)
    expect(ended.run.state).toBe('succeeded')
    expect(jobOf(ended, 'CUSTOMER', 'to').counters).toMatchObject({ inserted: 29, failed: 0 })
    expect(await couplet.rows('SELECT FROM nav.customer')).toHaveLength(31)
    expect(await couplet.rows('SELECT FROM crm.account')).toHaveLength(31)
  })

  it('P4, P5: an edit it brings back is not undone by the copy of the record that had been read ahead', async () => {
    await couplet.run('full')
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Moved' WHERE no = $1`, [numbers[7]])
    await close(7)
    const full = await couplet.start('full')
    await arrivedAt(7)
    await couplet.systems.query(`UPDATE crm.account SET city = 'Edited' WHERE number = $1`, [numbers[11]])
    const asked = await ask((await account(numbers[11]))?.id)
    // Only what is asked for from the other side: a request in the direction at work would leave the copy out.
    await couplet.store.query(`DELETE FROM couplet.inbox WHERE direction = 'to'`)
    await open(7)
    await couplet.ended(asked)
    const { run } = await couplet.ended(full)
    expect(run.state).toBe('succeeded')
    expect((await account(numbers[11]))?.city).toBe('Edited')
    const [local] = await couplet.rows('SELECT city FROM nav.customer WHERE no = $1', [numbers[11]])
    expect(local).toEqual({ city: 'Edited' })
  })
})
