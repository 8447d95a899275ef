import { afterAll, beforeAll, expect, it } from 'vitest'
import { synchronizeCustomer } from '../../examples/client.ts'
import { handOver } from '../../examples/enqueue.ts'
import { CoupletApiError, CoupletClient } from '../../src/client/client.ts'
import { type Api, startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let api: Api
let client: CoupletClient

beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(20)}; ALTER TABLE crm.account ADD CHECK (name <> 'Customer 7')`,
    env: { COUPLET_PORT: '0', COUPLET_PAGE_SIZE: '5' },
  })
  await couplet.import(customerMapping)
  api = await startApi(couplet.context)
  client = new CoupletClient({ url: api.url, key: api.key })
})
afterAll(async () => {
  await api.close()
  await couplet.close()
})

it('starts a run, follows it over a restart of the server to its end, and reads what has become of it', async () => {
  const { run, created } = await client.startRun({ kind: 'full' }, 'first')
  expect(created).toBe(true)
  expect(await client.startRun({ kind: 'full' }, 'first')).toMatchObject({
    created: false,
    run: { id: run.id },
  })
  const states: string[] = []
  for await (const details of client.followRun(run.id)) {
    states.push(details.run.state)
    if (states.length > 1) continue
    // Nobody has worked on it yet. The stream ends with the server, which comes back at the same address.
    const { port } = new URL(api.url)
    await api.drain()
    api = {
      ...(await startApi({ ...couplet.context, config: { ...couplet.context.config, port: Number(port) } })),
      key: api.key,
    }
    await couplet.work()
  }
  expect([states[0], states.at(-1)]).toEqual(['queued', 'succeeded-with-failures'])
  expect(states.filter((state) => state === 'queued')).toHaveLength(1)

  const { outcomes } = await client.listOutcomesOfRun(run.id, { limit: 500, kind: 'inserted' })
  expect(outcomes).toHaveLength(19)
  const { issues } = await client.listIssues({ mapping: 'CUSTOMER' })
  expect(issues).toMatchObject([{ code: 'VALUE_REFUSED', kind: 'failed' }])
  const pages = [await client.listCouplings({ mapping: 'CUSTOMER', limit: 10 })]
  pages.push(await client.listCouplings({ mapping: 'CUSTOMER', limit: 10, after: pages[0]?.next ?? '' }))
  expect(pages.map(({ couplings }) => couplings.length)).toEqual([10, 9])
})

it('an ended run is told once, and who has seen it is told nothing more', async () => {
  const { run } = await client.startRun({ kind: 'modified' })
  expect((await client.waitForRun(run.id)).run.finishedAt).not.toBeNull()
  const headers = { authorization: `Bearer ${api.key}` }
  const events = await api.send(`/api/v1/runs/${run.id}/events`, { headers })
  const id = /^id: (\S+)$/m.exec(events.text)?.[1] ?? ''
  expect(events.text.match(/^event: run$/gm)).toHaveLength(1)
  const again = await api.send(`/api/v1/runs/${run.id}/events`, {
    headers: { ...headers, 'last-event-id': id },
  })
  expect([again.status, again.text]).toEqual([204, ''])
})

it('the examples do what they say', async () => {
  await couplet.systems.query(`UPDATE nav.customer SET name = 'Renamed' WHERE no = 'C3'`)
  expect(await synchronizeCustomer(api.url, api.key, 'C3')).toEqual(['modified'])
  const url = couplet.env['DATABASE_URL'] ?? ''
  await couplet.systems.query(`UPDATE nav.customer SET name = 'Again' WHERE no = 'C4'`)
  const [customer] = await couplet.rows<{ id: string }>(`SELECT id FROM nav.customer WHERE no = 'C4'`)
  await couplet.ended(await handOver(url, url, [customer?.id ?? '']))
  expect(await couplet.rows(`SELECT FROM crm.account WHERE name = 'Again'`)).toHaveLength(1)
})

it('throws what the server refuses, with code and remedy', async () => {
  const refused = await client.getRun(999_999).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(CoupletApiError)
  expect(refused).toMatchObject({ status: 404, code: 'RUN_UNKNOWN', remedy: expect.stringContaining('run') })
  const stranger = new CoupletClient({ url: api.url, key: 'cpl_wrong' })
  await expect(stranger.listRuns()).rejects.toMatchObject({ code: 'API_KEY_INVALID' })
})
