import { createServer, type Server as HttpServer } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CoupletClient } from '../../src/client/client.ts'
import { type Api, startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { type PlainProxy, startPlainProxy } from '../support/plain-proxy.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let api: Api
let proxy: PlainProxy

beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(3)}`,
    env: { COUPLET_PORT: '0' },
  })
  await couplet.import(customerMapping)
  api = await startApi(couplet.context)
  proxy = await startPlainProxy(() => api.url)
})
afterAll(async () => {
  await proxy.close()
  await api.close()
  await couplet.close()
})

const clientOf = (url: string, more: object = {}) => new CoupletClient({ url, key: api.key, ...more })

async function comeBack(): Promise<void> {
  const port = Number(new URL(api.url).port)
  const context = { ...couplet.context, config: { ...couplet.context.config, port } }
  api = { ...(await startApi(context)), key: api.key }
}

it('survives a restart behind a proxy, which answers 502 meanwhile', async () => {
  const client = clientOf(proxy.url)
  const { run } = await client.startRun({ kind: 'full' })
  const states: string[] = []
  const followed = (async () => {
    for await (const details of client.followRun(run.id)) states.push(details.run.state)
  })()
  await waitFor('the first state', () => states.length > 0)
  await api.drain()
  const asked = client.listRuns()
  await waitFor('refusals of both', () => proxy.refused() >= 6)
  await comeBack()
  expect((await asked).runs).toHaveLength(1)
  await couplet.work()
  await followed
  expect(states.at(-1)).toBe('succeeded')
})

it('passes the failure on when its patience is over', async () => {
  const { port } = new URL(api.url)
  await api.drain()
  const impatient = clientOf(proxy.url, { patienceMs: 500 })
  await expect(impatient.listRuns()).rejects.toMatchObject({ status: 502 })
  await expect(impatient.waitForRun(1)).rejects.toMatchObject({ status: 502 })
  await expect(clientOf(`http://127.0.0.1:${port}`, { patienceMs: 500 }).listRuns()).rejects.toMatchObject({
    cause: { code: 'ECONNREFUSED' },
  })
  await comeBack()
})

it('asks for a run again when nothing has been heard of it for a time', async () => {
  const client = clientOf(proxy.url, { silenceMs: 300 })
  const asked = proxy.asked()
  proxy.mute()
  const ended = client.waitForRun(1)
  await waitFor('more streams', () => proxy.asked() > asked + 1)
  proxy.unmute()
  expect((await ended).run.finishedAt).not.toBeNull()
})

it('does not repeat what no time mends', async () => {
  await expect(clientOf('couplet.example').listRuns()).rejects.toThrow(TypeError)
  await expect(clientOf('couplet.example').waitForRun(1)).rejects.toThrow(TypeError)
  const shop = await listen((_, answer) => answer.writeHead(200, { 'content-type': 'text/html' }).end('Shop'))
  const { port } = shop.address() as { port: number }
  await expect(clientOf(`http://127.0.0.1:${port}`).waitForRun(1)).rejects.toMatchObject({
    code: 'NO_PROBLEM_DOCUMENT',
  })
  await expect(clientOf(`https://127.0.0.1:${port}`).waitForRun(1)).rejects.toThrow('fetch failed')
  await new Promise((resolve) => shop.close(resolve))
})

async function listen(answer: Parameters<typeof createServer>[1]): Promise<HttpServer> {
  const server = createServer(answer as never)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
