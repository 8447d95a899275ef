import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Enqueuer, openEnqueuer } from '../../src/app/enqueue.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let enqueuer: Enqueuer

beforeAll(async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(300)}` })
  await couplet.import({ ...customerMapping, onlyCoupled: true })
  enqueuer = await openEnqueuer({ databaseUrl: couplet.env['DATABASE_URL'] ?? '', name: 'shop' })
})
afterAll(async () => {
  await enqueuer.close()
  await couplet.close()
})

it('enqueues many records at once, each once, wakes one run, and all of them are done', async () => {
  const customers = await couplet.rows<{ id: string }>('SELECT id FROM nav.customer')
  const keys = customers.map(({ id }) => id)
  const request = { mapping: 'CUSTOMER', side: 'local', createMissing: true } as const
  const first = await enqueuer.enqueue({ ...request, keys: [...keys, ...keys.slice(0, 50)] })
  expect(first.records).toBe(300)
  const again = await enqueuer.enqueue({ ...request, keys: [keys[7]?.toUpperCase() ?? ''] })
  expect(again).toEqual({ runId: first.runId, records: 1 })
  expect((await couplet.store.query('SELECT FROM couplet.inbox')).rowCount).toBe(300)
  await couplet.work()
  const { run, jobs } = await couplet.ended(first.runId)
  expect(run).toMatchObject({ kind: 'records', state: 'succeeded', requestedBy: 'shop' })
  expect(jobs[0]?.counters).toMatchObject({ read: 300, inserted: 300 })
})

it('finds coupled records by their number, and refuses the whole request for what is nothing', async () => {
  await couplet.systems.query(`UPDATE nav.customer SET name = 'Renamed' WHERE no = 'C3'`)
  const { runId } = await enqueuer.enqueue({ mapping: 'CUSTOMER', side: 'local', keys: ['C3'] })
  await couplet.ended(runId)
  expect(await couplet.rows(`SELECT FROM crm.account WHERE name = 'Renamed'`)).toHaveLength(1)
  const wrong = { mapping: 'CUSTOMER', side: 'local', keys: ['C1', 'X999'] } as const
  await expect(enqueuer.enqueue(wrong)).rejects.toMatchObject({
    code: 'RECORD_NOT_FOUND',
    message: expect.stringContaining('X999'),
  })
  await expect(enqueuer.enqueue({ ...wrong, mapping: 'NOPE' })).rejects.toMatchObject({
    code: 'MAPPING_UNKNOWN',
  })
  await expect(openEnqueuer({ databaseUrl: 'postgres://127.0.0.1:1/none' })).rejects.toMatchObject({
    code: 'CONNECTION_REFUSED',
  })
})

it('P1: while the queue is down records are stored all the same, and done by whoever finds them', async () => {
  await couplet.systems.query(`UPDATE nav.customer SET name = 'In the dark' WHERE no = 'C5'`)
  const databaseUrl = couplet.env['DATABASE_URL'] ?? ''
  const dark = await openEnqueuer({ databaseUrl, queueUrl: 'postgres://127.0.0.1:1/none' })
  const { runId, records } = await dark.enqueue({ mapping: 'CUSTOMER', side: 'local', keys: ['C5'] })
  expect(records).toBe(1)
  await Promise.all([dark.close(), dark.close()])
  await dark.close()
  await couplet.ended(runId)
  expect(await couplet.rows(`SELECT FROM crm.account WHERE name = 'In the dark'`)).toHaveLength(1)
  await expect(openEnqueuer({ databaseUrl, queueUrl: 'https://queue.example' })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  })
})
