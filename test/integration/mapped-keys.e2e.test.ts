import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'

let couplet: Installation

const columns =
  'code varchar(10) NOT NULL, name varchar(20), modified timestamptz NOT NULL DEFAULT clock_timestamp()'

/** The key of the remote table is a mapped field like any other; the local key is not. */
beforeEach(async () => {
  couplet = await createInstallation({
    systemsSql: `CREATE TABLE nav.currency (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), ${columns});
      CREATE TABLE crm.currency (${columns}, PRIMARY KEY (code));
      INSERT INTO nav.currency (code, name) VALUES ('DKK', 'Krone'), ('EUR', 'Euro'), ('USD', 'Dollar')`,
  })
  await couplet.import({
    name: 'CURRENCY',
    direction: 'Bidirectional',
    local: { table: 'currency', modifiedField: 'modified' },
    remote: { table: 'currency', modifiedField: 'modified' },
    fields: [
      { local: 'code', remote: 'code' },
      { local: 'name', remote: 'name' },
    ],
  })
  await couplet.work()
  await couplet.run('full')
  await couplet.systems.query(
    `DELETE FROM nav.currency WHERE code = 'DKK'; DELETE FROM crm.currency WHERE code = 'DKK'`,
  )
})
afterEach(() => couplet.close())

const remote = () => couplet.rows(`SELECT code, name FROM crm.currency ORDER BY code`)

describe('a mapped key that the coupling of two deleted records still holds', () => {
  it('P6: is given to no new record, and stops no other one', async () => {
    await couplet.systems.query(
      `INSERT INTO nav.currency (code, name) VALUES ('DKK', 'Again'), ('SEK', 'Krona')`,
    )
    const run = await couplet.run('full')
    expect(jobOf(run, 'CURRENCY', 'to').counters).toMatchObject({ inserted: 1, unchanged: 2, failed: 1 })
    expect(await remote()).toEqual([
      { code: 'EUR', name: 'Euro' },
      { code: 'SEK', name: 'Krona' },
      { code: 'USD', name: 'Dollar' },
    ])
    expect((await couplet.store.query(`SELECT direction, code FROM couplet.issue`)).rows).toEqual([
      { direction: 'to', code: 'ALREADY_COUPLED' },
    ])
  })

  it('P6: is given to no coupled record either', async () => {
    await couplet.systems.query(`
      UPDATE nav.currency SET code = 'DKK', modified = clock_timestamp() WHERE code = 'USD';
      UPDATE nav.currency SET code = 'EUX', modified = clock_timestamp() WHERE code = 'EUR'`)
    const run = await couplet.run('modified')
    expect(jobOf(run, 'CURRENCY', 'to').counters).toMatchObject({ modified: 1, failed: 1 })
    expect(await remote()).toEqual([
      { code: 'EUX', name: 'Euro' },
      { code: 'USD', name: 'Dollar' },
    ])
  })
})
