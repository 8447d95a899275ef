import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

const postgres = new URL('../../src/connectors/postgres/connector.ts', import.meta.url)
/** The usual connector, which writes down when it is opened and closed. */
const noting = `
  import { appendFileSync } from 'node:fs'
  import { createPostgresConnector } from '${postgres.href}'
  export const connector = {
    connect({ name, settings, readSecret }) {
      const note = (what) => appendFileSync(settings.notes, what + ' ' + settings.mark + '; ')
      const inner = createPostgresConnector({ name, url: readSecret('url'), urlSource: 'url', schema: 'nav', poolSize: 4, receipts: false })
      note('open')
      return { ...inner, close: async () => { note('close'); await inner.close() } }
    },
  }`

let couplet: Installation
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-noting-'))
  await writeFile(join(folder, 'noting.ts'), noting)
  await writeFile(join(folder, 'notes'), '')
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(3)}`,
    env: { COUPLET_PORT: '0', COUPLET_CONNECTORS_DIR: folder },
  })
  await couplet.import(customerMapping)
})
afterEach(async () => {
  await couplet.close()
  await rm(folder, { recursive: true, force: true })
})

async function change(mark: string): Promise<void> {
  const settings = { module: 'noting.ts', url: 'env:SYSTEMS_URL', notes: join(folder, 'notes'), mark }
  const { name } = couplet.pair.localConnection
  await couplet.context.deps.stores.mappings.saveConnection({ name, kind: 'module', settings })
}
const notes = () => readFile(join(folder, 'notes'), 'utf8')

describe('the way to a system whose connection was changed', () => {
  it('is closed when no run uses it any more', async () => {
    await change('one')
    await couplet.work()
    await couplet.run('full')
    expect(await notes()).toBe('open one; ')
    await change('two')
    await couplet.run('full')
    await waitFor('the end of the first', async () => (await notes()).includes('close one'))
    expect((await notes()).split('; ').sort()).toEqual(['', 'close one', 'open one', 'open two'])
  })

  it('is closed when no request uses it any more', async () => {
    const api = await startApi(couplet.context)
    const look = async () => {
      const answer = await api.get(`/api/v1/connections/${couplet.pair.localConnection.name}/tables`)
      expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('customer')])
    }
    await change('one')
    await look()
    await look()
    expect(await notes()).toBe('open one; ')
    await change('two')
    await look()
    await waitFor('the end of the first', async () => (await notes()).includes('close one'))
    expect((await notes()).split('; ').sort()).toEqual(['', 'close one', 'open one', 'open two'])
    await api.close()
  })

  it('is closed also where a request came to it when nobody waited for its answer any more', async () => {
    const api = await startApi(couplet.context)
    const path = `/api/v1/connections/${couplet.pair.localConnection.name}/tables`
    await change('one')
    const locker = new Client({ connectionString: couplet.store.options.connectionString })
    await locker.connect()
    await locker.query('BEGIN; LOCK TABLE couplet.connection IN ACCESS EXCLUSIVE MODE')
    const requests: ServerResponse[] = []
    const note = (message: unknown) => void requests.push((message as { response: ServerResponse }).response)
    subscribe('http.server.request.start', note)
    const caller = new AbortController()
    const headers = { authorization: `Bearer ${api.key}` }
    const given = api.send(path, { headers, signal: caller.signal }).catch(() => 'given up')
    await waitFor('the request before the lock', async () => {
      const { rowCount } = await locker.query(
        `SELECT FROM pg_locks WHERE relation = 'couplet.connection'::regclass AND NOT granted`,
      )
      return rowCount !== 0
    })
    caller.abort()
    expect(await given).toBe('given up')
    unsubscribe('http.server.request.start', note)
    await waitFor('the server that sees it', () => requests.length === 1 && requests[0]?.closed)
    await locker.end()
    await waitFor('the connection', async () => (await notes()) === 'open one; ')
    await change('two')
    expect((await api.get(path)).status).toBe(200)
    await waitFor('the end of the first', async () => (await notes()).includes('close one'))
    await api.close()
  })
})
