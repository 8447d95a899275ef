import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunDetails } from '../../src/core/ports/run-store.ts'
import type { RunningBusinessCentral } from '../../src/simulators/business-central/simulator.ts'
import { Fault } from '../../src/simulators/kit/faults.ts'
import { breakPage } from '../support/broken-page.ts'
import { type Client, signIn, startCronus } from '../support/business-central.ts'
import { connectTo } from '../support/business-central-connector.ts'
import { createInstallation, type Installation, jobOf } from '../support/installation.ts'
import { twoTablesSql } from '../support/two-tables.ts'

let server: RunningBusinessCentral
let people: Client
let couplet: Installation

/** Accounts of a database become customers of Business Central, which makes their ids itself. */
const mapping = {
  name: 'CUSTOMER',
  direction: 'FromIntegrationTable',
  local: { table: 'customers', referenceField: 'number' },
  remote: { table: 'account', modifiedField: 'modified' },
  fields: [
    { local: 'number', remote: 'number' },
    { local: 'displayName', remote: 'name' },
    { local: 'city', remote: 'city' },
  ],
}

beforeEach(async () => {
  server = await startCronus({ customers: 10 })
  people = await signIn(server)
  couplet = await createInstallation({ systemsSql: twoTablesSql, env: { COUPLET_PAGE_SIZE: '10' } })
  const { connector } = connectTo(server, { maxServerRunMs: 1_000 })
  const { deps } = couplet.context
  const connect = deps.connect.bind(deps)
  const localName = couplet.pair.localConnection.name
  Object.assign(deps, {
    connect: async (connection: { name: string }) =>
      connection.name === localName ? connector : connect(connection as never),
  })
  await couplet.import(mapping)
  await couplet.work()
})
afterEach(async () => {
  await couplet.close()
  await server.close()
})

const insertAccounts = (count: number) =>
  couplet.systems.query(
    `INSERT INTO crm.account (number, name, city) SELECT 'C' || n, 'Account ' || n, 'Aarhus' FROM generate_series(1, ${count}) n`,
  )
const counters = (run: RunDetails) => jobOf(run, 'CUSTOMER', 'from').counters
const couplings = async () => (await couplet.store.query(`SELECT id FROM couplet.coupling`)).rowCount
const issues = async () => (await couplet.store.query(`SELECT code FROM couplet.issue`)).rows
async function customers(): Promise<readonly string[]> {
  const { json } = await people.admin(
    `tables/customer?top=1000&filter=${encodeURIComponent("city eq 'Aarhus'")}`,
  )
  return (json as { number: string; displayName: string }[])
    .filter(({ displayName }) => /^Account|^Renamed/.test(displayName))
    .map(({ number, displayName }) => `${number} ${displayName}`)
    .sort()
}

describe('records whose number Business Central draws', () => {
  beforeEach(async () => {
    await couplet.import({ ...mapping, fields: mapping.fields.slice(1) })
    await insertAccounts(3)
  })

  const loseWrite = (when: 'before' | 'after') =>
    server.simulation.faults.add(Fault.parse({ kind: 'reset', when, match: { writes: true, url: 'batch' } }))
  const names = async () => (await customers()).map((each) => each.replace(/^\S+ /, '')).sort()

  it('P3: are recognised when the answer to their creation is lost', async () => {
    loseWrite('after')
    await couplet.run('full')
    expect(await names()).toEqual(['Account 1', 'Account 2', 'Account 3'])
    expect(await couplings()).toBe(3)
    expect(await issues()).toEqual([])
  })

  it('P3: are not created again before nothing can arrive any longer', async () => {
    loseWrite('before')
    await couplet.run('full')
    expect(await names()).toEqual([])
    expect(await issues()).toEqual(Array(3).fill({ code: 'RECORD_LOCKED' }))
    await couplet.store.query(`UPDATE couplet.page_intent SET deadline_at = now()`)
    const run = await couplet.run('full')
    expect(counters(run)).toMatchObject({ inserted: 3, failed: 0 })
    expect(await names()).toEqual(['Account 1', 'Account 2', 'Account 3'])
    expect(await couplings()).toBe(3)
    expect(await issues()).toEqual([])
  })
})

describe('records created in Business Central', () => {
  it('P3: are created once although the answer to their creation is lost', async () => {
    await insertAccounts(3)
    const isCreation = { method: 'POST', url: 'batch', part: false }
    // The first batch asks which of them are there already.
    server.simulation.faults.add({
      kind: 'reset',
      when: 'after',
      chunked: false,
      match: isCreation,
      times: 1,
      skip: 1,
      every: 1,
    })
    const run = await couplet.run('full')
    expect(counters(run)).toMatchObject({ inserted: 3, failed: 0 })
    expect(await customers()).toEqual(['C1 Account 1', 'C2 Account 2', 'C3 Account 3'])
    expect(await couplings()).toBe(3)
    expect(await issues()).toEqual([])
  })

  it('P3, P4: are not created twice when their number is changed before anybody has noted them', async () => {
    await insertAccounts(1)
    breakPage(couplet, 'commit', () =>
      couplet.systems.query(`UPDATE crm.account SET number = 'C9', name = 'Renamed'`),
    )
    const run = await couplet.run('full')
    expect(counters(run)).toMatchObject({ inserted: 1 })
    expect(await customers()).toEqual(['C1 Account 1'])
    expect(await couplings()).toBe(1)
    // As long as the first creation may still arrive, its number has to stay taken.
    expect(await issues()).toEqual([{ code: 'RECORD_LOCKED' }])
  })

  it('P3: are not taken for those of somebody else who has the number', async () => {
    await people.admin('tables/customer', {
      method: 'POST',
      body: { number: 'C1', displayName: 'Account of somebody', city: 'Aarhus' },
    })
    await insertAccounts(1)
    const run = await couplet.run('full')
    expect(counters(run)).toMatchObject({ inserted: 0, failed: 1 })
    expect(await issues()).toEqual([{ code: 'POSSIBLE_DUPLICATE' }])
    expect(await customers()).toEqual(['C1 Account of somebody'])
  })

  it('P5: a second run writes nothing', async () => {
    await insertAccounts(2)
    await couplet.run('full')
    const before = await customers()
    server.simulation.recorder.reset()
    const run = await couplet.run('full')
    expect(counters(run)).toMatchObject({ inserted: 0, modified: 0, failed: 0 })
    expect(await customers()).toEqual(before)
  })

  it('P3, P4: are as the accounts are when a bad network is over: none twice, none lost, no edit lost', async () => {
    const batch = { method: 'POST', url: 'batch', part: false }
    const often = { match: batch, times: null, skip: 1 } as const
    server.simulation.faults.add({ kind: 'reset', when: 'after', chunked: false, ...often, every: 5 })
    server.simulation.faults.add({ kind: 'reset', when: 'middle', chunked: true, ...often, every: 7 })
    server.simulation.faults.add({ kind: 'status', status: 503, before: false, ...often, every: 9 })
    server.simulation.faults.add({ kind: 'status', status: 408, before: true, ...often, every: 11 })
    await insertAccounts(60)
    await couplet.run('full')
    await couplet.systems.query(`UPDATE crm.account SET name = 'Renamed ' || number WHERE length(number) = 2`)
    await couplet.run('modified')
    const hits = server.simulation.faults.list().map((fault) => fault.hits)
    expect(Math.min(...hits)).toBeGreaterThan(0)
    server.simulation.faults.clear()
    await couplet.run('full')
    const accounts = await couplet.rows<{ number: string; name: string }>(
      `SELECT number, name FROM crm.account`,
    )
    expect(await customers()).toEqual(accounts.map(({ number, name }) => `${number} ${name}`).sort())
    expect(await couplings()).toBe(60)
    expect(await issues()).toEqual([])
  })
})
