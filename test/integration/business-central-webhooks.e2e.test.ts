import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer } from '../../src/api/server.ts'
import type { ConnectionRecord } from '../../src/core/ports/mapping-store.ts'
import type { RunningBusinessCentral } from '../../src/simulators/business-central/simulator.ts'
import { keepAnnouncements } from '../../src/usecases/announcements/keep-announcements.ts'
import { type Client, signIn, startCronus } from '../support/business-central.ts'
import { createInstallation, type Installation, importAll } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { twoTablesSql } from '../support/two-tables.ts'

const signal = new AbortController().signal
const mapping = {
  name: 'CUSTOMER',
  direction: 'ToIntegrationTable',
  local: { table: 'customers', referenceField: 'number' },
  remote: { table: 'account', modifiedField: 'modified' },
  fields: [
    { local: 'number', remote: 'number' },
    { local: 'displayName', remote: 'name' },
  ],
}

let server: RunningBusinessCentral
let people: Client
let couplet: Installation
let url = ''
let closeApi: () => Promise<void> = async () => {}
let connection: ConnectionRecord

beforeAll(async () => {
  // Changes are announced 30 s after the first one: 0.3 s here.
  server = await startCronus({ customers: 10, timeScale: 100 })
  people = await signIn(server)
  couplet = await createInstallation({ systemsSql: twoTablesSql })
  const { context, pair } = couplet
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const api = createServer(context)
  await api.listen({ host: '127.0.0.1', port })
  closeApi = () => api.close()
  process.env['BC_SECRET'] = 'quiet as a mouse'
  process.env['BC_WEBHOOKS'] = 'nobody guesses this'
  const { mappings } = context.deps.stores
  connection = await mappings.saveConnection({
    name: 'cronus',
    kind: 'business-central',
    settings: {
      url: `${server.url}/v2.0`,
      authority: server.url,
      tenant: 'contoso',
      environment: 'Production',
      company: server.companies[0]?.name ?? '',
      clientId: 'sync-app',
      clientSecret: 'env:BC_SECRET',
      webhookUrl: url,
      webhookKey: 'env:BC_WEBHOOKS',
    },
  })
  const remote = { connection: pair.remoteConnection.name, company: '' }
  const business = await mappings.savePair({
    name: 'bc',
    local: { connection: 'cronus', company: '' },
    remote,
  })
  await importAll(business, [mapping], context)
  await couplet.work()
  await couplet.run('full', { pairId: business.id })
})
afterAll(async () => {
  await closeApi()
  await couplet.close()
  await server.close()
})

async function freePort(): Promise<number> {
  const probe = createHttpServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

const subscriptions = async () =>
  (await people.admin('subscriptions')).json as { id: string; resource: string }[]
const keep = () => keepAnnouncements(couplet.context.deps, signal)
async function askedRuns(): Promise<number> {
  const { rowCount } = await couplet.store.query(
    `SELECT id FROM couplet.run WHERE requested_by = 'announcement'`,
  )
  return rowCount ?? 0
}
const post = (path: string, body?: unknown) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
const atRest = () =>
  waitFor('the end of all runs', async () => {
    const unfinished = await couplet.context.deps.stores.runs.listUnfinished({ limit: 1, after: 0 })
    return unfinished.length === 0 || null
  })
const accounts = () => couplet.rows<{ name: string }>(`SELECT name FROM crm.account`)

describe('changes that Business Central announces', () => {
  it('are subscribed to, with a handshake, and looked for at once', async () => {
    await keep()
    expect(await subscriptions()).toMatchObject([
      { resource: expect.stringMatching(/^\/api\/v2\.0\/.*\/customers$/) },
    ])
    expect(await askedRuns()).toBe(1)
    await atRest()
    await keep()
    expect(await subscriptions()).toHaveLength(1)
    expect(await askedRuns()).toBe(1)
  })

  it('wake the mapping up, once for many of them', async () => {
    const before = await askedRuns()
    const customers = (await people.admin('tables/customer?top=3')).json as { id: string }[]
    for (const { id } of customers) {
      await people.admin(`tables/customer/${id}`, {
        method: 'PATCH',
        body: { displayName: `Announced ${id}` },
      })
    }
    await waitFor('the changes as accounts', async () => {
      const names = (await accounts()).map(({ name }) => name)
      return names.filter((name) => name.startsWith('Announced')).length === 3 || null
    })
    expect(await askedRuns()).toBe(before + 1)
  })

  it('are subscribed to again, and looked for, where the service has given up', async () => {
    await atRest()
    const before = await askedRuns()
    const [known] = await subscriptions()
    const path = `subscriptions('${known?.id}')`
    const shown = await people.api(path)
    await people.api(path, { method: 'DELETE', headers: { 'if-match': shown.json['@odata.etag'] } })
    expect(await subscriptions()).toHaveLength(0)
    await keep()
    expect(await subscriptions()).toHaveLength(1)
    expect(await askedRuns()).toBe(before + 1)
  })

  it('are believed only with the state that the service was given', async () => {
    const before = await askedRuns()
    const resource = `/api/v2.0/companies(${server.companies[0]?.id})/customers`
    const forged = await post('/notices/cronus', { value: [{ clientState: 'guessed', resource }] })
    expect(forged.status).toBe(403)
    expect(await forged.json()).toMatchObject({ code: 'NOTICE_REFUSED' })
    expect((await post('/notices/cronus', { value: 'nonsense' })).status).toBe(403)
    expect((await post('/notices/nobody', { value: [] })).status).toBe(404)
    expect(await askedRuns()).toBe(before)
  })

  it('need an address that gives tokens back as plain text, and nothing else', async () => {
    const answer = await post('/notices/cronus?validationToken=%3Cscript%3E')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await answer.text()).toBe('<script>')
    expect((await post('/notices/nobody?validationToken=x')).status).toBe(404)
  })

  it('leave no secret behind: neither stored nor shown', async () => {
    const stored = JSON.stringify(await couplet.context.deps.stores.mappings.listConnections())
    const shown = JSON.stringify((await people.api('subscriptions')).json)
    for (const secret of ['quiet as a mouse', 'nobody guesses this']) {
      expect(stored).not.toContain(secret)
      expect(shown).not.toContain(secret)
    }
    expect(connection.settings['webhookKey']).toBe('env:BC_WEBHOOKS')
  })
})
