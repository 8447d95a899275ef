import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it, onTestFailed } from 'vitest'
import { expectBalancedBooks, quiet, settleIntents } from '../support/crash-books.ts'
import { type CrashCouplet, openCrashCouplet, undisturbed } from '../support/crash-couplet.ts'
import { type CommitProxy, openCommitProxy } from '../support/crash-proxy.ts'
import { readDifferences, readEndState } from '../support/crash-state.ts'
import { crashEditsSql } from '../support/crash-tables.ts'
import { openWorkers, type Worker, type Workers } from '../support/crash-workers.ts'
import { waitFor } from '../support/servers.ts'

let couplet: CrashCouplet
let workers: Workers
let proxy: CommitProxy | null = null
afterEach(async () => {
  await workers.killAll()
  await proxy?.close()
  proxy = null
  await couplet.close()
})

/** Workers that have stopped themselves right before a write or a commit, their intents in the store. */
async function startFrozenAt(...failpoints: readonly string[]): Promise<readonly Worker[]> {
  const frozen: Worker[] = []
  for (const failpoint of failpoints) {
    const worker = await workers.start({ COUPLET_FAILPOINT: `stop@${failpoint}` })
    await worker.frozen()
    frozen.push(worker)
  }
  return frozen
}

/** A connection of its own, so that the test ends even where the lock is not given back. */
async function openLocker(): Promise<Client> {
  const client = new Client({ connectionString: couplet.env['SYSTEMS_URL'] })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Statements in the systems' database that wait for a row of somebody else. */
async function waiters(beginning = ''): Promise<number> {
  const { rows } = await couplet.systems.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND starts_with(query, $1) AND wait_event IN ('transactionid', 'tuple')`,
    [beginning],
  )
  return rows.length
}

async function finishUndisturbed(): Promise<void> {
  const worker = await workers.start()
  await quiet(couplet)
  await settleIntents(couplet)
  await worker.stop()
}

// Over one queue: a worker that has begun asks the store and the systems alone whether it may go on.
describe('workers frozen past their lease', () => {
  beforeEach(async () => {
    couplet = await openCrashCouplet('postgres', { COUPLET_LOG_LEVEL: 'warn' })
    workers = openWorkers(couplet.env)
    onTestFailed(() => workers.print())
  })

  it('P2, P3: a worker stopped before a create or an update and continued after another one has done it does no harm', async () => {
    const expected = await undisturbed()
    await couplet.startFull()
    const frozen = await startFrozenAt('commit#1/PRICE', 'write#1/CUSTOMER', 'write#1/CONTACT')
    const successor = await workers.start()
    await quiet(couplet)
    for (const worker of frozen) worker.thaw()
    await successor.stop()
    await couplet.ended(await couplet.start('modified'))
    await settleIntents(couplet)
    expect(await readEndState(couplet)).toEqual(expected.afterFull)
    await expectBalancedBooks(couplet)
    for (const worker of frozen) expect(await worker.stop()).toBe(0)

    await couplet.systems.query(crashEditsSql)
    await couplet.startModified()
    const again = await startFrozenAt('write#1/PRICE', 'commit#1/CUSTOMER', 'write#1/CONTACT')
    await finishUndisturbed()
    for (const worker of again) worker.thaw()
    await couplet.ended(await couplet.start('modified'))
    await settleIntents(couplet)
    expect(await readEndState(couplet)).toEqual(expected.afterEdits)
    await expectBalancedBooks(couplet)
    for (const worker of again) expect(await worker.stop()).toBe(0)
  })

  it('P2, P4: a write that waits at the server for a lock while its worker is frozen takes no effect beside that of the successor', async () => {
    const expected = await undisturbed()
    const first = await workers.start()
    for (const runId of await couplet.startFull()) await couplet.ended(runId)
    await first.stop()
    await couplet.systems.query(crashEditsSql)
    const locker = await openLocker()
    await locker.query(`BEGIN; SELECT FROM crm.account WHERE number = 'C10' FOR UPDATE`)
    await couplet.startModified()
    const frozen = await workers.start()
    const update = 'UPDATE "crm"."account"'
    await waitFor('the update waits for the lock', async () => (await waiters(update)) === 1, 60_000)
    frozen.freeze()
    const successor = await workers.start()
    await waitFor('the update of the successor waits too', async () => (await waiters(update)) === 2, 60_000)
    await locker.end()
    frozen.thaw()
    await quiet(couplet)
    await settleIntents(couplet)
    expect(await readEndState(couplet)).toEqual(expected.afterEdits)
    await expectBalancedBooks(couplet)
    for (const worker of [frozen, successor]) expect(await worker.stop()).toBe(0)
  })

  it('P2, P3, P4: a COMMIT that arrives after its worker has died and another one has taken over is recognised', async () => {
    const through = await openCommitProxy(couplet.env['SYSTEMS_URL'] ?? '')
    proxy = through
    const dieAt = async (text: string, meanwhile = '') => {
      through.holdAfter(text)
      const worker = await workers.start({ SYSTEMS_URL: through.url })
      await through.held()
      await worker.kill()
      const successor = await workers.start()
      await waitFor('the successor waits for the late write', async () => (await waiters()) > 0, 60_000)
      if (meanwhile) await couplet.systems.query(meanwhile)
      through.release()
      await waitFor('the late write is over', async () => (await waiters()) === 0, 60_000)
      await successor.kill()
    }
    const expected = await undisturbed()
    await couplet.startFull()
    await dieAt('INSERT INTO "crm"."account"')
    await dieAt('INSERT INTO "crm"."contact"')
    await finishUndisturbed()
    expect(await readEndState(couplet)).toEqual(expected.afterFull)
    await expectBalancedBooks(couplet)

    await couplet.systems.query(`UPDATE nav.price SET amount = amount + 1 WHERE code LIKE 'P1%'`)
    await couplet.startModified()
    await dieAt('UPDATE "crm"."price"')
    // Not earlier: the successor may be through with the customers before it meets the late write of the prices.
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Old' WHERE no LIKE 'C1%'`)
    await couplet.startModified()
    await dieAt('UPDATE "crm"."account"', `UPDATE nav.customer SET city = 'Newer' WHERE no = 'C11'`)
    await finishUndisturbed()
    const { issues } = await readEndState(couplet)
    expect(issues).toEqual(expected.afterFull.issues)
    const worker = await workers.start()
    await couplet.ended(await couplet.start('modified'))
    expect(await couplet.rows(`SELECT city FROM crm.account WHERE number = 'C11'`)).toEqual([
      { city: 'Newer' },
    ])
    expect(await readDifferences(couplet)).toHaveLength(9)
    await expectBalancedBooks(couplet)
    expect(await worker.stop()).toBe(0)
  })

  it('P4: an edit between reading and writing is neither overwritten nor forgotten', async () => {
    const first = await workers.start()
    await couplet.ended(await couplet.start('full'))
    await first.stop()
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Here' WHERE no IN ('C1', 'C48')`)
    const runId = await couplet.start('modified')
    const slow = await workers.start({
      COUPLET_FAILPOINT: 'stop@write#1/CUSTOMER',
      COUPLET_LEASE_SECONDS: '60',
      COUPLET_STALLED_SECONDS: '60',
      COUPLET_PAGE_SIZE: '500',
    })
    await slow.frozen()
    await couplet.systems.query(
      `UPDATE crm.account SET phone = 'There' WHERE number = 'C1'; DELETE FROM crm.account WHERE number = 'C48'`,
    )
    slow.thaw()
    await couplet.ended(runId)
    expect(
      await couplet.rows(
        `SELECT c.city, c.phone, a.city AS there, a.phone AS too FROM nav.customer c JOIN crm.account a ON a.number = no WHERE no = 'C1'`,
      ),
    ).toEqual([{ city: 'Here', phone: 'There', there: 'Here', too: 'There' }])
    const { issues } = await readEndState(couplet)
    expect(issues).toContainEqual('test/CUSTOMER to C48 COUPLED_TO_DELETED')
    expect(await slow.stop()).toBe(0)
  })

  it('P4: an edit of a field that an unsettled page has sent is an edit, not a conflict and not an echo', async () => {
    const first = await workers.start()
    await couplet.ended(await couplet.start('full'))
    await first.stop()
    await couplet.systems.query(`UPDATE nav.customer SET city = 'Sent' WHERE no IN ('C1', 'C2')`)
    const interrupted = await couplet.start('modified')
    const dead = await workers.start({
      COUPLET_FAILPOINT: 'kill@commit#1/CUSTOMER',
      COUPLET_PAGE_SIZE: '500',
    })
    await dead.ended()
    const worker = await workers.start()
    await couplet.ended(interrupted)
    const { rows } = await couplet.store.query('SELECT DISTINCT settled_once FROM couplet.page_intent')
    expect(rows).toEqual([{ settled_once: true }])
    await couplet.systems.query(
      `UPDATE crm.account SET city = 'Edited' WHERE number = 'C1'; UPDATE nav.customer SET city = 'Again' WHERE no = 'C2'`,
    )
    // The full synchronization looks at the local side first, and compares it with what is there now.
    for (const kind of ['full', 'modified'] as const) {
      const { jobs } = await couplet.ended(await couplet.start(kind))
      expect(jobs.filter((job) => job.counters.conflict > 0)).toEqual([])
    }
    await settleIntents(couplet)
    expect(
      await couplet.rows(
        `SELECT no, c.city, a.city AS remote FROM nav.customer c JOIN crm.account a ON a.number = no WHERE no IN ('C1', 'C2') ORDER BY 1`,
      ),
    ).toEqual([
      { no: 'C1', city: 'Edited', remote: 'Edited' },
      { no: 'C2', city: 'Again', remote: 'Again' },
    ])
    await expectBalancedBooks(couplet)
    await worker.stop()
  })
})
