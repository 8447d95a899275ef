import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Api, startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

/** Who holds this lock keeps the systems from writing an account. */
const GATE = 4711
const gateSql = `
  CREATE FUNCTION crm.wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared(${GATE}); RETURN NEW; END $$;
  CREATE TRIGGER gate BEFORE INSERT ON crm.account FOR EACH STATEMENT EXECUTE FUNCTION crm.wait_at_gate();`

let couplet: Installation
let api: Api

beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(40)}; ${gateSql}`,
    env: { COUPLET_PORT: '0', COUPLET_PAGE_SIZE: '5' },
  })
  await couplet.import(customerMapping)
  await couplet.work()
  api = await startApi(couplet.context)
})
afterAll(async () => {
  await api.close()
  await couplet.close()
})

const isWaiting = async () => {
  const waiting = await couplet.rows(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)
  return waiting.length > 0
}

it('a run that is cancelled stops after the page at work, and goes on from there when it is retried', async () => {
  const gate = await couplet.systems.connect()
  await gate.query(`SELECT pg_advisory_lock(${GATE})`)
  const { run } = (await api.post('/api/v1/runs', { kind: 'full', keepCreating: 'no' })).body
  await waitFor('the first page is being written', isWaiting)
  const asked = await api.post('/api/v1/runs', { kind: 'records', mapping: 'CUSTOMER', keys: ['C40'] })
  const [records, full] = [asked.body.run.id, run.id]

  const dropped = await api.post(`/api/v1/runs/${records}/cancel`, { reason: 'Not needed' })
  expect(dropped.status).toBe(202)
  expect(dropped.body.run).toMatchObject({ state: 'cancelled', cancelledBy: 'api/first-start' })
  expect((await couplet.store.query('SELECT FROM couplet.inbox')).rowCount).toBe(0)

  // What another service has asked for as well is not taken along.
  const both = await api.post('/api/v1/runs', { kind: 'records', mapping: 'CUSTOMER', keys: ['C39'] })
  const { rows: inbox } = await couplet.store.query(
    'SELECT mapping_id::int AS id, direction, key FROM couplet.inbox ORDER BY direction LIMIT 1',
  )
  const [{ id, direction, key }] = inbox
  const request = { direction, key, force: true, createMissing: true }
  await couplet.context.deps.stores.runs.requestRecords({ id, pairId: couplet.pair.id }, [request])
  await api.post(`/api/v1/runs/${both.body.run.id}/cancel`, {})
  const left = await couplet.store.query('DELETE FROM couplet.inbox RETURNING direction, job_ids')
  expect(left.rows).toEqual([{ direction, job_ids: [] }])

  const cancelled = await api.post(`/api/v1/runs/${full}/cancel`, {})
  expect(cancelled.body.run).toMatchObject({ state: 'running', cancelledBy: 'api/first-start' })
  await gate.query(`SELECT pg_advisory_unlock(${GATE})`)
  gate.release()
  const { run: ended, lines, jobs } = await couplet.ended(full)
  expect([ended.state, lines.map(({ state }) => state)]).toEqual(['cancelled', ['cancelled']])
  expect(jobs.map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
  expect(jobs[0]?.counters).toMatchObject({ read: 5, inserted: 5 })
  expect(lines[0]?.error?.code).toBe('RUN_CANCELLED')
  const again = await api.post(`/api/v1/runs/${full}/cancel`, {})
  expect([again.status, again.body.code]).toEqual([409, 'RUN_ENDED'])
  const { rows } = await couplet.store.query(
    `SELECT actor, subject, reason FROM couplet.audit_log WHERE action = 'run.cancel' ORDER BY id`,
  )
  expect(rows).toEqual([
    { actor: 'api/first-start', subject: `run ${records}`, reason: 'Not needed' },
    { actor: 'api/first-start', subject: `run ${both.body.run.id}`, reason: null },
    { actor: 'api/first-start', subject: `run ${full}`, reason: null },
  ])

  expect((await api.post(`/api/v1/runs/${full}/retry`, { what: 'lines' })).status).toBe(202)
  const finished = await couplet.ended(full)
  expect(finished.run).toMatchObject({ state: 'succeeded', cancelledBy: null })
  expect(finished.jobs[0]?.counters).toMatchObject({ read: 40, inserted: 40 })
})
