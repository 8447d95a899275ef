import { afterEach, expect, it } from 'vitest'
import { expectBalancedBooks, quiet } from '../support/crash-books.ts'
import { type CrashCouplet, openCrashCouplet } from '../support/crash-couplet.ts'
import { badRecords, readDifferences } from '../support/crash-state.ts'

let couplet: CrashCouplet
afterEach(() => couplet.close())

/** The connector reads changes again that lie less than this before the last ones. */
const OVERLAP_SECONDS = 2

it('P4: what a transaction commits long after its time of change arrives, on both sides, and nothing arrives twice', async () => {
  couplet = await openCrashCouplet('postgres')
  await couplet.work()
  for (const runId of await couplet.startFull()) await couplet.ended(runId)
  const late = await couplet.systems.connect()
  await late.query(`BEGIN;
    UPDATE nav.customer SET city = 'Late' WHERE no = 'C3'; UPDATE crm.account SET phone = 'Late' WHERE number = 'R3';
    INSERT INTO nav.contact (no, name, email) VALUES ('KLATE', 'Late', 'a@b');
    INSERT INTO crm.contact (number, fullname, email) VALUES ('RKLATE', 'Late', 'a@b')`)
  const isOlderThanOverlap = async () => {
    const { rows } = await late.query<{ old: boolean }>(
      `SELECT clock_timestamp() > now() + interval '${OVERLAP_SECONDS * 2} seconds' AS old`,
    )
    return rows[0]?.old === true
  }
  for (let count = 0; count === 0 || !(await isOlderThanOverlap()); count += 1) {
    await couplet.systems.query(`
      UPDATE nav.customer SET city = 'Round ${count}' WHERE no = 'C1'; UPDATE crm.account SET phone = '${count}' WHERE number = 'R1';
      INSERT INTO nav.contact (no, name, email) VALUES ('KROUND${count}', 'Round', 'a@b')`)
    await couplet.ended(await couplet.start('modified'))
  }
  await late.query('COMMIT')
  late.release()
  await couplet.ended(await couplet.start('modified'))
  expect((await readDifferences(couplet)).filter((one) => !badRecords.some((bad) => bad.test(one)))).toEqual(
    [],
  )
  expect(await couplet.rows(`SELECT city FROM crm.account WHERE number = 'C3'`)).toEqual([{ city: 'Late' }])
  // What is tried again meanwhile has a run of its own.
  await quiet(couplet)
  await expectBalancedBooks(couplet)
})
