import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { type Api, startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'
import { type Network, startProxy } from './queue-proxy.ts'

let couplet: Installation
let queueDatabase: TestDatabase
let network: Network
let api: Api

/** The queue in a Postgres of its own, behind a network that can be cut. */
async function open(): Promise<void> {
  queueDatabase = await createDatabase()
  network = await startProxy(queueDatabase.url)
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(3)}`,
    env: { COUPLET_PORT: '0', QUEUE_URL: network.url },
  })
  await couplet.import(customerMapping)
  api = await startApi(couplet.context)
}

afterEach(async () => {
  await api.close()
  await couplet.close()
  await network.close()
  await queueDatabase.drop()
})

const health = () => api.send('/readyz', {})

it('says without a key whether store and queue answer, and what is wrong while the queue is down', async () => {
  await open()
  expect(await health()).toMatchObject({
    status: 200,
    body: { status: 'ok', store: { status: 'ok' }, queue: { status: 'ok' } },
  })
  await network.cut()
  const down = await health()
  expect(await api.send('/healthz', {})).toMatchObject({ status: 200, body: { status: 'ok' } })
  expect(await api.send('/readyz/store', {})).toMatchObject({ status: 200, body: { status: 'ok' } })
  expect(down.status).toBe(503)
  expect(down.body).toMatchObject({
    status: 'failing',
    store: { status: 'ok' },
    queue: { status: 'failing', code: 'QUEUE_UNAVAILABLE', remedy: expect.stringContaining('QUEUE_URL') },
  })
  const { username, password, host } = new URL(network.url)
  expect(down.body.queue.message).toContain(host)
  expect(down.text).not.toContain(`${username}:`)
  if (password) expect(down.text).not.toContain(password)
  await network.mend()
  await waitFor('the queue to answer again', async () => (await health()).status === 200)
})

it('P1: takes a run while the queue is down; it is done when the queue is back', async () => {
  await open()
  await network.cut()
  const asked = await api.post('/api/v1/runs', { kind: 'full' })
  expect(asked.status).toBe(202)
  await network.mend()
  await couplet.work()
  expect((await couplet.ended(asked.body.run.id)).run.state).toBe('succeeded')
})

it('answers running requests before it goes, and takes no new ones', async () => {
  await open()
  const unused = connect(Number(new URL(api.url).port), '127.0.0.1')
  unused.on('error', () => {})
  await once(unused, 'connect')
  const client = await couplet.store.connect()
  await client.query('BEGIN; LOCK TABLE couplet.run IN ACCESS EXCLUSIVE MODE')
  const running = api.get('/api/v1/runs')
  await waitFor('the request to wait in the database', async () => {
    const { rows } = await client.query(
      `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'couplet.run'::regclass`,
    )
    return rows.length > 0
  })
  const drained = api.drain()
  await waitFor('the door to be closed', () =>
    fetch(`${api.url}/healthz`).then(
      () => false,
      () => true,
    ),
  )
  await client.query('COMMIT')
  client.release()
  expect((await running).status).toBe(200)
  const start = performance.now()
  await drained
  expect(performance.now() - start).toBeLessThan(2_000)
  unused.destroy()
})
