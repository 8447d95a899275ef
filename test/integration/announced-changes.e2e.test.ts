import { afterAll, beforeAll, expect, it } from 'vitest'
import { changeLinesPart } from '../../src/app/change-lines-part.ts'
import { examine } from '../../src/app/doctor/examine.ts'
import { switchAnnouncing } from '../../src/usecases/announcements/switch-announcing.ts'
import { runCommand } from '../support/cli.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'
import { type Network, startProxy } from './queue-proxy.ts'

let couplet: Installation
let network: Network
const part = { current: null as ReturnType<typeof changeLinesPart> | null }

beforeAll(async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(3)}` })
  network = await startProxy(couplet.env['SYSTEMS_URL'] ?? '')
  process.env['CUT_URL'] = network.url
  const { mappings } = couplet.context.deps.stores
  const connection = couplet.pair.localConnection
  await mappings.saveConnection({ ...connection, settings: { url: 'env:CUT_URL', schema: 'nav' } })
  await couplet.import(customerMapping)
  await couplet.work()
  await couplet.run('full')
})
afterAll(async () => {
  await part.current?.drain?.()
  await couplet.close()
  await network.close()
})

const cli = (...args: string[]) =>
  runCommand(['connection', 'announce', ...args], { ...couplet.env, CUT_URL: network.url })
const sql = (text: string) => couplet.systems.query(text)
const cityThere = async (no: string) =>
  (await couplet.rows<{ city: string }>(`SELECT city FROM crm.account WHERE number = '${no}'`))[0]?.city
const cityHere = async (no: string) =>
  (await couplet.rows<{ city: string }>(`SELECT city FROM nav.customer WHERE no = '${no}'`))[0]?.city
const announced = async () => {
  const runs = await couplet.context.deps.stores.runs.listRuns({ limit: 500, before: null, kind: 'mapping' })
  return runs.filter(({ requestedBy }) => requestedBy === 'announcement')
}
const allEnded = () =>
  waitFor('the end of all runs', async () =>
    (await announced()).every(({ finishedAt }) => finishedAt !== null),
  )

it('the SQL is printed for whoever may run it, or run, and the doctor names a table that stays silent', async () => {
  const { name } = couplet.pair.localConnection
  const printed = await cli(name)
  expect(printed.stdout).toContain('CREATE OR REPLACE TRIGGER couplet_announce')
  expect(printed.stdout).toContain('"nav"."customer"')
  expect((await sql(`SELECT FROM pg_trigger WHERE tgname = 'couplet_announce'`)).rowCount).toBe(0)
  expect(await cli(name, '--switch-only')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('has no trigger'),
  })
  const wrong = (await examine(couplet.context)).find(({ what }) => what === `${name}: announcements`)
  expect(wrong).toMatchObject({ state: 'warning', detail: expect.stringContaining('customer') })
  // The record of the pair is older than the settings.
  const tester = { by: 'test', reason: 'a test' }
  await switchAnnouncing(couplet.pair.localConnection, 'off', { apply: false }, tester, couplet.context.deps)
  const connections = await couplet.context.deps.stores.mappings.listConnections()
  expect(connections.find((each) => each.name === name)?.settings).toEqual({
    url: 'env:CUT_URL',
    schema: 'nav',
    announce: 'off',
  })
  for (const each of [name, couplet.pair.remoteConnection.name])
    expect(await cli(each, '--apply', '--reason', 'quicker')).toMatchObject({ code: 0 })
  const right = (await examine(couplet.context)).find(({ what }) => what === `${name}: announcements`)
  expect(right?.state).toBe('good')
  const audit = await couplet.context.deps.stores.access.listAudit({ limit: 10, before: null })
  expect(audit.find(({ reason }) => reason === 'quicker')?.after).toMatchObject({
    settings: { announce: 'on' },
  })
})

it('a change on either side arrives without any schedule, and what Couplet writes itself asks for no run', async () => {
  part.current = changeLinesPart(couplet.context)
  await part.current.start?.(new AbortController().signal)
  // Everything is looked at once when a line begins.
  await waitFor('the first look', async () => (await announced()).length > 0)
  await allEnded()
  const before = (await announced()).length
  await sql(`UPDATE nav.customer SET city = 'From here' WHERE no = 'C1'`)
  await waitFor('the change there', async () => (await cityThere('C1')) === 'From here')
  await sql(`UPDATE crm.account SET city = 'From there' WHERE number = 'C2'`)
  await waitFor('the change here', async () => (await cityHere('C2')) === 'From there')
  await allEnded()
  await sql(`UPDATE nav.customer SET city = 'Again' WHERE no = 'C1'`)
  await waitFor('the change there', async () => (await cityThere('C1')) === 'Again')
  await allEnded()
  // One run may carry two of them: whoever is announced while it waits for its turn.
  const asked = (await announced()).length - before
  expect(asked).toBeGreaterThan(0)
  expect(asked).toBeLessThanOrEqual(3)
}, 120_000)

it('what changes while the line is cut is found when it is there again', async () => {
  await network.cut()
  await sql(`UPDATE nav.customer SET city = 'Unheard' WHERE no = 'C3'`)
  await network.mend()
  await waitFor('the change there', async () => (await cityThere('C3')) === 'Unheard', 120_000)
  await allEnded()
}, 180_000)

it('a storm of changes asks for a few runs, and the last change arrives', async () => {
  await allEnded()
  const before = (await announced()).length
  for (let n = 0; n < 400; n += 1) await sql(`UPDATE nav.customer SET city = 'Storm ${n}' WHERE no = 'C1'`)
  await waitFor('the last change there', async () => (await cityThere('C1')) === 'Storm 399', 60_000)
  await allEnded()
  expect((await announced()).length - before).toBeLessThan(10)
}, 120_000)

it('switched off, nobody listens and nothing is left in the database', async () => {
  for (const { name } of [couplet.pair.localConnection, couplet.pair.remoteConnection])
    expect(await cli(name, '--off', '--apply')).toMatchObject({ code: 0 })
  expect((await sql(`SELECT FROM pg_proc WHERE proname = 'couplet_announce'`)).rowCount).toBe(0)
  await waitFor('the end of the lines', async () => {
    const { rowCount } = await sql(
      `SELECT FROM pg_stat_activity WHERE application_name = 'couplet' AND query LIKE 'SELECT 1%' AND datname = current_database()`,
    )
    return rowCount === 0
  })
})
