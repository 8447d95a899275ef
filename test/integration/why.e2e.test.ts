import { afterEach, beforeEach, expect, it } from 'vitest'
import { whyRecord } from '../../src/usecases/records/why-record.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
afterEach(() => couplet.close())

const why = (text: string, side: 'local' | 'remote' | null = null) =>
  whyRecord({ pairId: couplet.pair.id, mapping: 'CUSTOMER', text, side }, couplet.context.deps)

const decisionOf = async (text: string, side: 'local' | 'remote' | null = null) => {
  const { isInStep, decides } = await why(text, side)
  return isInStep ? 'in step' : `${decides?.check} ${decides?.verdict} ${decides?.direction ?? 'both'}`
}
const sql = (statement: string) => couplet.systems.query(statement)
/** What the tables and the store hold, to see that asking changes nothing. */
const everything = async () => {
  const tables = [
    'coupling',
    'issue',
    'inbox',
    'outcome',
    'page_intent',
    'job',
    'run',
    'table_mapping',
    'lease',
  ]
  const rows = await Promise.all(
    tables.map((table) => couplet.store.query(`SELECT * FROM couplet.${table} ORDER BY 1`)),
  )
  const systems = await Promise.all(
    ['nav.customer', 'crm.account'].map((table) => sql(`SELECT * FROM ${table} ORDER BY 1`)),
  )
  return [...rows, ...systems].map((result) => result.rows)
}

beforeEach(async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(8)}` })
  await couplet.import({
    ...customerMapping,
    local: { ...customerMapping.local, filter: `city <> 'Nowhere'` },
    schedule: { everyMinutes: 30 },
  })
  await couplet.work()
  await couplet.run('full')
})

it('names what decides, for each way a record may be out of step, and writes nothing', async () => {
  await sql(`
    UPDATE nav.customer SET city = 'Nowhere' WHERE no = 'C2';
    UPDATE nav.customer SET name = 'Here' WHERE no = 'C3';
    UPDATE crm.account SET name = 'There' WHERE number = 'C3';
    UPDATE crm.account SET city = 'A town whose name is much longer than thirty' WHERE number = 'C4';
    UPDATE nav.customer SET city = 'Ribe' WHERE no = 'C5';
    DELETE FROM crm.account WHERE number = 'C6';
    INSERT INTO nav.customer (no, name) VALUES ('C9', 'New')`)
  const before = await everything()
  expect(await decisionOf('C1')).toBe('in step')
  expect(await decisionOf('C2')).toBe('filter blocks to')
  expect(await decisionOf('C3')).toBe('conflict blocks to')
  expect(await decisionOf('C4')).toBe('comparison blocks from')
  expect(await decisionOf('C5')).toBe('comparison pending to')
  expect(await decisionOf('C6')).toBe('comparison blocks to')
  expect(await decisionOf('C9')).toBe('coupling blocks to')
  expect(await everything()).toEqual(before)
  await couplet.run('modified')
  expect(await decisionOf('C3')).toBe('conflict blocks to')
  expect(await decisionOf('C4')).toBe('issue blocks from')
  expect(await decisionOf('C5')).toBe('in step')
})

it('finds the record by the key of either side, and says how both are called', async () => {
  const [{ id } = { id: '' }] = await couplet.rows<{ id: string }>(
    `SELECT id FROM crm.account WHERE number = 'C1'`,
  )
  const answer = await why(id)
  expect(answer).toEqual(await why('C1'))
  expect(answer).toMatchObject({ mapping: 'CUSTOMER', isInStep: true, decides: null })
  expect(answer.remote).toContain(id)
  await expect(why('C77')).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND' })
})

it('asks with the overrides of the run that comes next, and never of a preview', async () => {
  await sql(`INSERT INTO nav.customer (no, name) VALUES ('C9', 'New')`)
  expect(await decisionOf('C9')).toBe('coupling blocks to')
  const whilePreviewing: string[] = []
  const { probe } = couplet.context.deps
  const before = probe.before.bind(probe)
  Object.assign(probe, {
    before: async (...step: Parameters<typeof before>) => {
      if (step[0] === 'read') {
        Object.assign(probe, { before })
        whilePreviewing.push(await decisionOf('C9'))
      }
      return before(...step)
    },
  })
  await couplet.run('full', { overrides: { dryRun: true } })
  expect(whilePreviewing).toEqual(['coupling blocks to'])
  // Whoever holds the lease keeps the runs waiting.
  const { leases } = couplet.context.deps.stores
  const { rows } = await couplet.store.query<{ resource: string }>('SELECT resource FROM couplet.lease')
  const resources = rows.map(({ resource }) => resource).sort()
  const held = await leases.acquire({ resources, holder: 'test', ttlMs: 60_000 })
  if (!held.acquired) throw new Error('The lease is taken')
  const full = await couplet.start('full')
  expect(await decisionOf('C9')).toBe('comparison pending to')
  await leases.release(held.fence)
  await couplet.ended(full)
  expect(await decisionOf('C9')).toBe('in step')
})

it('says that nobody comes when the schedule is off', async () => {
  await sql(`UPDATE nav.customer SET city = 'Ribe' WHERE no = 'C5'`)
  await couplet.store.query('UPDATE couplet.schedule SET enabled = false')
  expect(await decisionOf('C5')).toBe('schedule blocks both')
})
