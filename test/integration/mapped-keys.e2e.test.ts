import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { breakPage } from '../support/broken-page.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'

let couplet: Installation

const columns =
  'code varchar(10) NOT NULL, name varchar(20), modified timestamptz NOT NULL DEFAULT clock_timestamp()'

const currencyMapping = {
  name: 'CURRENCY',
  direction: 'Bidirectional',
  local: { table: 'currency', modifiedField: 'modified' },
  remote: { table: 'currency', modifiedField: 'modified' },
  fields: [
    { local: 'code', remote: 'code' },
    { local: 'name', remote: 'name' },
  ],
}

/** The key of the remote table is a mapped field like any other; the local key is not. */
beforeEach(async () => {
  couplet = await createInstallation({
    systemsSql: `CREATE TABLE nav.currency (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), ${columns});
      CREATE TABLE crm.currency (${columns}, PRIMARY KEY (code));
      INSERT INTO nav.currency (code, name) VALUES ('DKK', 'Krone'), ('EUR', 'Euro'), ('USD', 'Dollar')`,
  })
  await couplet.import(currencyMapping)
  await couplet.work()
  await couplet.run('full')
  await couplet.systems.query(
    `DELETE FROM nav.currency WHERE code = 'DKK'; DELETE FROM crm.currency WHERE code = 'DKK'`,
  )
})
afterEach(() => couplet.close())

const remote = () => couplet.rows(`SELECT code, name FROM crm.currency ORDER BY code`)

const renameAll = (...pairs: (readonly [from: string, to: string])[]) =>
  couplet.systems.query(
    `UPDATE nav.currency SET modified = clock_timestamp(),
       code = CASE code ${pairs.map(([from, to]) => `WHEN '${from}' THEN '${to}'`).join(' ')} END
     WHERE code IN (${pairs.map(([from]) => `'${from}'`).join()})`,
  )
const issues = async () =>
  (await couplet.store.query('SELECT direction, code FROM couplet.issue ORDER BY id')).rows

describe('coupled records that hand their mapped keys on to each other in one page', () => {
  it('P6: get them one after the other, whatever the order of the page', async () => {
    await couplet.systems.query(`INSERT INTO nav.currency (code, name) VALUES ('AUD', 'Au dollar')`)
    await couplet.run('full')
    await renameAll(['AUD', 'EUR'], ['EUR', 'USD'], ['USD', 'ZAR'])
    const run = await couplet.run('modified')
    expect(jobOf(run, 'CURRENCY', 'to').counters).toMatchObject({ modified: 3, failed: 0 })
    expect(await remote()).toEqual([
      { code: 'EUR', name: 'Au dollar' },
      { code: 'USD', name: 'Euro' },
      { code: 'ZAR', name: 'Dollar' },
    ])
    const again = await couplet.run('full')
    expect(jobOf(again, 'CURRENCY', 'to').counters).toMatchObject({ read: 3, unchanged: 3 })
  })

  it('P4: and whose page is lost before it is noted, are still told apart', async () => {
    await renameAll(['EUR', 'USD'], ['USD', 'ZAR'])
    breakPage(couplet, 'commit')
    await couplet.run('modified')
    expect(await remote()).toEqual([
      { code: 'USD', name: 'Euro' },
      { code: 'ZAR', name: 'Dollar' },
    ])
    expect(await issues()).toEqual([])
    await couplet.systems.query(
      `UPDATE nav.currency SET name = 'Rand', modified = clock_timestamp() WHERE code = 'ZAR'`,
    )
    await couplet.run('modified')
    expect(await remote()).toEqual([
      { code: 'USD', name: 'Euro' },
      { code: 'ZAR', name: 'Rand' },
    ])
  })

  it('P6: that exchange them are told how, and nobody else waits for them', async () => {
    await couplet.systems.query(`INSERT INTO nav.currency (code, name) VALUES ('SEK', 'Krona')`)
    await renameAll(['EUR', 'USD'], ['USD', 'EUR'])
    const run = await couplet.run('full')
    expect(jobOf(run, 'CURRENCY', 'to').counters).toMatchObject({ inserted: 1, failed: 2 })
    expect(await issues()).toEqual([
      { direction: 'to', code: 'KEYS_SWAPPED' },
      { direction: 'to', code: 'KEYS_SWAPPED' },
    ])
    await couplet.systems.query(
      `UPDATE nav.currency SET code = 'TMP', modified = clock_timestamp() WHERE name = 'Euro'`,
    )
    await couplet.run('modified')
    await couplet.systems.query(
      `UPDATE nav.currency SET code = 'USD', modified = clock_timestamp() WHERE name = 'Euro'`,
    )
    await couplet.run('full')
    expect(await remote()).toEqual([
      { code: 'EUR', name: 'Dollar' },
      { code: 'SEK', name: 'Krona' },
      { code: 'USD', name: 'Euro' },
    ])
    expect(await issues()).toEqual([])
  })
})

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

describe('a record found under the key of a creation whose page was lost before it was written', () => {
  const createAfter = async (age: string) => {
    await couplet.import({ ...currencyMapping, direction: 'ToIntegrationTable' })
    await couplet.systems.query(`INSERT INTO nav.currency (code, name) VALUES ('SEK', 'Krona')`)
    breakPage(couplet, 'write', () =>
      couplet.systems.query(
        `INSERT INTO crm.currency VALUES ('SEK', 'Krona', clock_timestamp() - '${age}'::interval)`,
      ),
    )
    return jobOf(await couplet.run('full'), 'CURRENCY', 'to').counters
  }

  it('P3: is adopted when it may be ours', async () => {
    expect(await createAfter('1 second')).toMatchObject({ inserted: 1, failed: 0 })
  })

  it('P3: is a possible duplicate when it was there before, although it holds what was sent', async () => {
    expect(await createAfter('1 day')).toMatchObject({ inserted: 0, failed: 1 })
    const { rows } = await couplet.store.query(`SELECT code, message FROM couplet.issue`)
    expect(rows).toMatchObject([
      { code: 'POSSIBLE_DUPLICATE', message: expect.stringContaining('is older than') },
    ])
  })
})
