import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCommand } from '../support/cli.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { restoreSnapshot, takeSnapshot } from '../support/store-snapshot.ts'

let couplet: Installation
const cli = (...args: string[]) => runCommand(args, couplet.env)
const sync = (...args: string[]) => cli('sync', 'full', '--wait', '--keep-creating', 'no', ...args)
const tables = (name: string) => `
  CREATE TABLE nav.${name} (code varchar(10) PRIMARY KEY, name varchar(50));
  CREATE TABLE crm.${name} (iso varchar(10) PRIMARY KEY, name varchar(50));`
/** Keys are written otherwise on the other side: nothing tells which record was created for which. */
const mapping = (name: string, matching: object) => ({
  name: name.toUpperCase(),
  direction: 'ToIntegrationTable',
  local: { table: name },
  remote: { table: name },
  fields: [
    {
      local: 'code',
      remote: 'iso',
      transform: [{ replace: { text: 'X', by: 'Y' } }],
      direction: 'ToIntegrationTable',
    },
    { local: 'name', remote: 'name', direction: 'ToIntegrationTable', ...matching },
  ],
})
/** Numbers are drawn there, and nothing is noted beside them. */
const ledgerSql = `
  CREATE TABLE nav.ledger (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar(50));
  CREATE TABLE crm.ledger (id bigserial PRIMARY KEY, name varchar(50));`
const ledgerMapping = {
  name: 'LEDGER',
  direction: 'ToIntegrationTable',
  acceptDuplicateRisk: true,
  local: { table: 'ledger' },
  remote: { table: 'ledger' },
  fields: [{ local: 'name', remote: 'name', direction: 'ToIntegrationTable' }],
}

beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `${tables('currency')} ${tables('country')} ${ledgerSql}`,
  })
  await couplet.store.query(`UPDATE couplet.connection SET settings = settings || '{"receipts": "off"}'`)
  await couplet.import(mapping('currency', { match: {} }), mapping('country', {}), ledgerMapping)
  await takeSnapshot(couplet.store)
  await couplet.systems.query(
    `INSERT INTO nav.currency VALUES ('XAU', 'Gold'); INSERT INTO nav.country VALUES ('XK', 'Kosovo');
     INSERT INTO nav.ledger (name) VALUES ('First entry')`,
  )
  expect(await sync()).toMatchObject({ code: 0 })
  await restoreSnapshot(couplet.store)
}, 120_000)
afterAll(() => couplet.close())

it('P3: a mapping that cannot be searched is named wherever somebody looks, until its records are coupled and it is resumed', async () => {
  const recovered = await cli('recover', '--reason', 'restored')
  expect(recovered.code, recovered.stderr).toBe(2)
  expect(await cli('resume', '--all')).toMatchObject({ code: 0 })
  const [pauses, doctor] = [await cli('pauses'), await cli('doctor')]
  for (const name of ['CURRENCY', 'COUNTRY', 'LEDGER']) {
    expect(recovered.stdout).toMatch(new RegExp(`${name} .* not searched `))
    expect(recovered.stderr).toContain(`${name} was not searched: `)
    expect(recovered.stderr).toContain(`couplet resume ${name}`)
    expect(pauses.stdout).toMatch(new RegExp(`mapping ${name} .*automatically`))
    expect(doctor.stdout).toContain(`Mapping ${name} is paused automatically`)
  }

  // By match fields its next run finds them again; where there are none, a person does.
  const preview = await sync('--dry-run', '--json')
  expect(preview.code, preview.stderr).toBeLessThanOrEqual(2)
  expect(JSON.parse(preview.stdout).preview.findings).toMatchObject([
    { mapping: 'COUNTRY', kind: 'failed', code: 'POSSIBLE_DUPLICATE', records: 1 },
    { mapping: 'CURRENCY', kind: 'coupled', records: 1 },
    { mapping: 'LEDGER', kind: 'inserted', records: 1 },
  ])
  expect(await cli('couple', 'COUNTRY', 'XK', 'YK')).toMatchObject({ code: 0 })
  const [entry] = await couplet.rows<{ id: string }>('SELECT id FROM nav.ledger')
  expect(await cli('couple', 'LEDGER', entry?.id ?? '', '1')).toMatchObject({ code: 0 })
  for (const name of ['CURRENCY', 'COUNTRY', 'LEDGER'])
    expect(await cli('resume', name)).toMatchObject({ code: 0 })
  const synced = await sync()
  expect(synced.code, synced.stdout).toBe(0)
  expect(await couplet.rows(`SELECT iso FROM crm.currency`)).toEqual([{ iso: 'YAU' }])
  expect(await couplet.rows(`SELECT iso FROM crm.country`)).toEqual([{ iso: 'YK' }])
  expect(await couplet.rows(`SELECT name FROM crm.ledger`)).toEqual([{ name: 'First entry' }])
  expect((await couplet.store.query(`SELECT FROM couplet.coupling`)).rowCount).toBe(3)
  expect((await cli('pauses')).stderr).toContain('Nothing is paused')
}, 180_000)

it('P3: what was coupled by hand before a recovery is repeated is carried out all the same', async () => {
  await restoreSnapshot(couplet.store)
  expect((await cli('recover', '--reason', 'restored')).code).toBe(2)
  const [entry] = await couplet.rows<{ id: string }>('SELECT id FROM nav.ledger')
  expect(await cli('couple', 'COUNTRY', 'XK', 'YK')).toMatchObject({ code: 0 })
  expect(await cli('couple', 'LEDGER', entry?.id ?? '', '1')).toMatchObject({ code: 0 })
  const again = await cli('recover', '--reason', 'restored', '--json')
  expect([again.code, JSON.parse(again.stdout)]).toEqual([2, expect.objectContaining({ cancelledRuns: 0 })])
  expect(await cli('resume', '--all')).toMatchObject({ code: 0 })
  for (const name of ['CURRENCY', 'COUNTRY', 'LEDGER'])
    expect(await cli('resume', name)).toMatchObject({ code: 0 })
  const synced = await sync()
  expect(synced.code, synced.stdout).toBe(0)
  expect(await couplet.rows(`SELECT iso FROM crm.country`)).toEqual([{ iso: 'YK' }])
  expect(await couplet.rows(`SELECT name FROM crm.ledger`)).toEqual([{ name: 'First entry' }])
  expect((await couplet.store.query(`SELECT FROM couplet.coupling`)).rowCount).toBe(3)
}, 180_000)
