import { execFile } from 'node:child_process'
import { appendFile, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../src/app/logger.ts'
import { readPass, signal } from '../../src/connectors/contract/support.ts'
import { createPostgresConnector, type PostgresConnector } from '../../src/connectors/postgres/connector.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { connect } from '../contract/connector/postgres-harness.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { waitFor } from '../support/servers.ts'

const servers: EmbeddedPostgres[] = []
const clients: Client[] = []
let folder = ''
let primary: Client
let standby: Client
let connector: PostgresConnector

async function start(name: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({
    dataDir: join(folder, name),
    log: createLog({ logLevel: 'silent', logFormat: 'json' }),
    searchPath: process.env['PATH'] ?? '',
    settings: { fsync: 'off', wal_level: 'replica', max_wal_senders: '2', hot_standby: 'on' },
  })
  servers.push(server)
  return server
}

async function client(server: EmbeddedPostgres): Promise<Client> {
  const opened = await connect(server.url('postgres'))
  clients.push(opened)
  return opened
}

beforeAll(async () => {
  folder = await mkdtemp(join(quickFolder(), 'couplet-standby-'))
  await chmod(folder, 0o755)
  await (await start('primary')).release()
  // With the owner, who is not this user when the tests run as root.
  await promisify(execFile)('cp', ['-a', join(folder, 'primary'), join(folder, 'standby')])
  const first = await start('primary')
  await writeFile(join(folder, 'standby/postgres/standby.signal'), '')
  await appendFile(
    join(folder, 'standby/postgres/postgresql.auto.conf'),
    `\nprimary_conninfo = '${first.url('postgres')}'\n`,
  )
  const second = await start('standby')
  primary = await client(first)
  standby = await client(second)
  connector = createPostgresConnector({
    name: 'erp',
    url: second.url('postgres'),
    urlSource: 'ERP_URL',
    schema: 'public',
    poolSize: 2,
    receipts: true,
    overlapMs: 0,
    fallbackOverlapMs: 0,
  })
})
afterAll(async () => {
  await connector?.close()
  await Promise.all(clients.map((each) => each.end()))
  for (const server of servers.toReversed()) await server.release()
  await rm(folder, { recursive: true, force: true })
})

test('P4: what a standby replays long after it was committed is read by the next pass', async () => {
  await primary.query(`
    CREATE TABLE followed (id int PRIMARY KEY, modified timestamptz DEFAULT now()); INSERT INTO followed VALUES (1)`)
  const replayed = (count: number) =>
    waitFor(`the standby has ${count} records`, async () => {
      const counted = standby.query('SELECT count(*)::int AS n FROM followed')
      const { rows } = await counted.catch(() => ({ rows: [{ n: 0 }] }))
      return rows[0].n === count
    })
  await replayed(1)
  await standby.query('SELECT pg_wal_replay_pause()')
  await primary.query('INSERT INTO followed VALUES (2)')
  const table = await connector.openTable({ table: 'followed', modifiedField: 'modified' }, signal)
  const pass = await readPass(table)
  expect(pass.keys).toEqual(['int:1'])
  await standby.query('SELECT pg_wal_replay_resume()')
  await replayed(2)
  expect((await readPass(table, { watermark: pass.watermark })).keys).toContain('int:2')
  expect((await connector.describeGuarantees(signal)).reasons).toEqual([
    'the server is a standby and does not know the transactions of its primary',
  ])
})
