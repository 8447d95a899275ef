import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Child, startChild } from '../support/child.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let service: Child
let url: URL
let key: string
let sockets: Socket[] = []
let release = async (): Promise<void> => {}

beforeEach(async () => {
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(5)}` })
  await couplet.import(customerMapping)
})

afterEach(async () => {
  await release()
  for (const socket of sockets) socket.destroy()
  sockets = []
  service.process.kill('SIGKILL')
  await service.ended()
  await couplet.close()
})

const says = (pattern: RegExp) =>
  waitFor(`${pattern} from the service`, () => pattern.exec(service.output())?.[1] ?? null)

async function start(command: 'start' | 'api', shutdownSeconds: number): Promise<void> {
  const env = { COUPLET_PORT: '0', COUPLET_LOG_LEVEL: 'info', COUPLET_SHUTDOWN_SECONDS: `${shutdownSeconds}` }
  service = startChild('src/cli/main.ts', { args: [command], env: { ...couplet.env, ...env } })
  url = new URL(await says(/"url":"(http:[^"]+)"/))
  key = await says(/key of this installation: (cpl_\S+)/)
}

/** A connection, and all that has come back on it. */
async function open(): Promise<{ socket: Socket; answer: () => string }> {
  const socket = connect(Number(url.port), url.hostname)
  sockets.push(socket)
  let text = ''
  socket.on('data', (chunk) => (text += chunk))
  socket.on('error', () => {})
  await once(socket, 'connect')
  return { socket, answer: () => text }
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: couplet\r\nAuthorization: Bearer ${key}\r\n\r\n`
const post = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: couplet\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const halfBody =
  'POST /session HTTP/1.1\r\nHost: couplet\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{'

async function stop(): Promise<void> {
  service.process.kill('SIGTERM')
  await waitFor('the door to be closed', () =>
    fetch(new URL('/healthz', url)).then(
      () => false,
      () => true,
    ),
  )
}

/** Locks a table, so that whoever reads it hangs until `release`. */
async function lock(table: string, pool: Installation['store']): Promise<void> {
  const client = await pool.connect()
  await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`)
  release = async () => {
    release = async () => {}
    await client.query('ROLLBACK')
    client.release()
  }
}

const hangs = (table: string, pool: Installation['store']) =>
  waitFor(`somebody to wait for ${table}`, async () => {
    const { rows } = await pool.query('SELECT FROM pg_locks WHERE NOT granted AND relation = $1::regclass', [
      table,
    ])
    return rows.length > 0
  })

const refusal = /HTTP\/1\.1 503 (?=.*retry-after: 1\r\n)(?=.*application\/problem\+json).*"SERVER_STOPPING"/is

it('a request of which only half has arrived is refused, and keeps no process from an orderly end', async () => {
  // Longer than the test may take: whoever waits for the limit has waited in vain.
  await start('start', 3_600)
  const half = await open()
  half.socket.write(halfBody)
  const silent = await open()
  silent.socket.write('GET /healthz HTTP/1.1\r\nHost: cou')
  // Answered on a third connection: what came before it has been read.
  expect((await fetch(new URL('/healthz', url))).status).toBe(200)
  await stop()
  expect(await service.ended(), service.output()).toBe(0)
  expect(half.answer()).toMatch(refusal)
})

it('a request that hangs in a system is cut off in time; meanwhile the worker takes nothing new', async () => {
  // Its half is longer than the ten seconds that Fastify gives a server to close.
  await start('start', 22)
  await lock('nav.customer', couplet.systems)
  const trial = await open()
  trial.socket.write(post('/api/v1/connections/test-local/test', '{"table":"customer"}'))
  await hangs('nav.customer', couplet.systems)
  await stop()
  const runId = await couplet.start('full')
  expect(await service.ended(), service.output()).toBe(0)
  expect(service.output()).toContain('Requests that took too long were cut off')
  const { run, lines } = await couplet.context.deps.stores.runs.getRun(runId)
  expect([run.startedAt, ...lines.map(({ startedAt }) => startedAt)]).toEqual([null, null])
})

it('what arrives on an open connection during the stop is refused as a problem, after the answer before it', async () => {
  await start('api', 3_600)
  await lock('couplet.run', couplet.store)
  const kept = await open()
  kept.socket.write(get('/api/v1/runs'))
  await hangs('couplet.run', couplet.store)
  await stop()
  kept.socket.write(get('/api/v1/runs'))
  await release()
  expect(await service.ended(), service.output()).toBe(0)
  const [first = '', second = ''] = kept.answer().split(/(?=HTTP\/1\.1 503)/)
  expect(first).toMatch(/^HTTP\/1\.1 200 /)
  expect(second).toMatch(refusal)
})
