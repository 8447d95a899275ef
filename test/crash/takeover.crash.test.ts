import { afterEach, describe, expect, it, onTestFailed } from 'vitest'
import { expectBalancedBooks, quiet, settleIntents } from '../support/crash-books.ts'
import { type CrashCouplet, openCrashCouplet } from '../support/crash-couplet.ts'
import { badRecords, readDifferences, readEndState } from '../support/crash-state.ts'
import { openWorkers, type Workers } from '../support/crash-workers.ts'
import { queuesBut } from '../support/installation.ts'

let couplet: CrashCouplet
let workers: Workers
afterEach(async () => {
  await workers.killAll()
  await couplet.close()
})

/** While no worker is there, one of the new records becomes such that it has to wait. */
const edits = {
  CUSTOMER: `UPDATE crm.account SET owner = (SELECT id FROM crm.systemuser WHERE code IS NULL) WHERE number = 'RT1'`,
  CONTACT: `UPDATE crm.contact SET account = (SELECT id FROM crm.account WHERE number = 'RWAITS') WHERE number = 'RKT1'`,
}

describe.each(queuesBut('postgres'))('another run takes over, over %s', (queue) => {
  it('P3: what a dead worker has created is not taken for a new record, even where it could not be created any more', async () => {
    couplet = await openCrashCouplet(queue, { COUPLET_LOG_LEVEL: 'warn', COUPLET_PAGE_SIZE: '500' })
    workers = openWorkers(couplet.env)
    onTestFailed(() => workers.print())
    const first = await workers.start()
    for (const runId of await couplet.startFull()) await couplet.ended(runId)
    await first.stop()
    // Two records that cannot come across; whoever refers to them waits.
    await couplet.systems.query(`
      INSERT INTO crm.systemuser (name) VALUES ('No code'); INSERT INTO crm.account (number, name, owner) SELECT 'RWAITS', 'Waits', id FROM crm.systemuser WHERE code IS NULL;
      INSERT INTO crm.account (number, name) SELECT 'RT' || n, 'Late ' || n FROM generate_series(1, 5) n;
      INSERT INTO crm.contact (number, fullname, email) SELECT 'RKT' || n, 'Late ' || n, 'a@b' FROM generate_series(1, 5) n`)
    for (const mapping of ['CUSTOMER', 'CONTACT'] as const) {
      await couplet.start('mapping', { mapping })
      // After the page of the local side and its two words about deletions comes that of the remote side: its records have
      // been created locally, and nobody has noted it.
      const dead = await workers.start({ COUPLET_FAILPOINT: `kill@commit#4/${mapping}` })
      expect(await dead.ended()).toBe('SIGKILL')
      await couplet.systems.query(edits[mapping])
      await couplet.start('mapping', { mapping })
    }
    const successor = await workers.start()
    await quiet(couplet)
    await settleIntents(couplet)
    const differences = await readDifferences(couplet)
    expect(differences.filter((one) => !badRecords.some((bad) => bad.test(one)))).toEqual([
      'CONTACT local (RKT1,"Late 1",a@b,)',
      'CONTACT remote (RKT1,"Late 1",a@b,RWAITS)',
      'CUSTOMER remote (RWAITS,Waits,,,)',
      'SALESPERSON remote (,"No code")',
    ])
    const { issues } = await readEndState(couplet)
    expect(issues).toContain('test/CUSTOMER from RT1 REFERENCE_NOT_COUPLED')
    expect(issues).toContain('test/CONTACT from RKT1 REFERENCE_NOT_COUPLED')
    const { rows: taken } = await couplet.store.query(
      `SELECT DISTINCT action FROM couplet.job j JOIN couplet.audit_log a ON a.subject = 'job ' || j.id WHERE takeovers > 0`,
    )
    expect(taken).toEqual([{ action: 'job.takeover' }])
    await expectBalancedBooks(couplet)
    expect(await successor.stop()).toBe(0)
  })
})
