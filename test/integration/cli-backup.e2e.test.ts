import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { backedUpTables } from '../../src/store/recovery/backup-tables.ts'
import { runCommand, startCommand } from '../support/cli.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let other: TestDatabase
let folder: string
let file: string
const cli = (...args: string[]) => runCommand(args, couplet.env)
const there = (...args: string[]) => runCommand(args, { ...couplet.env, DATABASE_URL: other.url })
const accounts = () =>
  couplet.rows<{ name: string; city: string }>('SELECT name, city FROM crm.account ORDER BY name')
const rowsOf = async (pool: Pool) => {
  const tables: Record<string, unknown> = {}
  for (const { name, instead = {} } of backedUpTables) {
    const left = Object.keys(instead).map((column) => ` - '${column}'`)
    const { rows } = await pool.query(
      `SELECT (to_jsonb(t)${left.join('')})::text AS row FROM couplet.${name} t ORDER BY 1`,
    )
    tables[name] = rows.map(({ row }) => row)
  }
  return tables
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-cli-backup-'))
  file = join(folder, 'backup.gz')
  other = await createDatabase()
  couplet = await createInstallation({ systemsSql: `${twoTablesSql} ${insertCustomers(5)}` })
  await couplet.import(customerMapping)
  await couplet.work()
  await couplet.run('full')
})
afterAll(async () => {
  await couplet.close()
  await other.drop()
  await rm(folder, { recursive: true, force: true })
})

it('P3: a backup made while workers run, restored into an empty database and recovered: no duplicate, nothing lost', async () => {
  expect(await cli('backup', file)).toMatchObject({ code: 0 })
  const before = await rowsOf(couplet.store)
  // The lost hour.
  await couplet.systems.query(`INSERT INTO nav.customer (no, name) VALUES ('C6', 'Made late')`)
  await couplet.run('full')
  expect(await there('restore', file, '--reason', 'the disk is gone')).toMatchObject({ code: 0 })
  const pool = new Pool({ connectionString: other.url, max: 1 })
  expect({ ...(await rowsOf(pool)), pause: [] }).toEqual(before)
  const { rows } = await pool.query(
    `SELECT actor <> '' AS named, reason FROM couplet.audit_log WHERE action = 'store.recover'`,
  )
  expect(rows).toEqual([{ named: true, reason: 'the disk is gone' }])
  await pool.end()
  expect(await there('restore', file, '--reason', 'twice')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('STORE_NOT_EMPTY'),
  })

  const recovered = await there('recover', '--pair', 'test', '--reason', 'the disk is gone', '--json')
  expect(recovered.code, recovered.stderr).toBe(0)
  expect(JSON.parse(recovered.stdout).recovered).toContainEqual({
    mapping: 'CUSTOMER',
    direction: 'to',
    found: 1,
    isSearched: true,
    failure: null,
    held: 0,
  })
  // Until somebody says that it is recovered, nothing but previews begins.
  expect(await there('sync', 'full', '--wait', '--dry-run')).toMatchObject({ code: 0 })
  expect((await there('pauses')).stdout).toContain('The store was restored (the disk is gone)')
  expect(await there('resume', '--all')).toMatchObject({ code: 0 })
  expect(
    await there('sync', 'full', '--wait', '--initial', 'CUSTOMER=merge', '--keep-creating', 'no'),
  ).toMatchObject({ code: 0 })
  expect((await accounts()).map(({ name }) => name)).toEqual([
    'Customer 1',
    'Customer 2',
    'Customer 3',
    'Customer 4',
    'Customer 5',
    'Made late',
  ])
}, 180_000)

it('is not restored, nor recovered, while a process is alive; what the queue still holds does no harm afterwards', async () => {
  const worker = startCommand(['worker'], { ...couplet.env, DATABASE_URL: other.url })
  const pool = new Pool({ connectionString: other.url, max: 1 })
  await waitFor(
    'the sign of life',
    async () => ((await pool.query('SELECT FROM couplet.process')).rowCount ?? 0) > 0,
  )
  const before = await rowsOf(pool)
  for (const args of [
    ['restore', file, '--replace'],
    ['recover', '--pair', 'test'],
  ]) {
    const refused = await there(...args, '--reason', 'too early')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('STORE_IN_USE') })
  }
  expect(await rowsOf(pool)).toEqual(before)
  worker.interrupt()
  expect((await worker.ended()).code).toBe(0)
  // Asked for, and nobody there to do it: its jobs wait in the queue, and its run goes with the restore.
  const asked = await there('sync', 'full', '--keep-creating', 'no')
  expect(await there('restore', file, '--replace', '--reason', 'once more'), asked.stderr).toMatchObject({
    code: 0,
  })
  expect((await pool.query('SELECT FROM couplet.run')).rowCount).toBe(0)
  expect(await there('recover', '--pair', 'test', '--reason', 'once more')).toMatchObject({ code: 0 })
  expect(await there('resume', '--all')).toMatchObject({ code: 0 })
  expect(
    await there('sync', 'full', '--wait', '--initial', 'CUSTOMER=merge', '--keep-creating', 'no'),
  ).toMatchObject({ code: 0 })
  expect(await accounts()).toHaveLength(6)
  await pool.end()
}, 180_000)

it('is not restored while a command works for somebody who waits, and begins nothing beside it', async () => {
  const pool = new Pool({ connectionString: other.url, max: 1 })
  expect(await there('pause', '--all', '--reason', 'the command waits')).toMatchObject({ code: 0 })
  const waiting = startCommand(['sync', 'full', '--wait', '--keep-creating', 'no'], {
    ...couplet.env,
    DATABASE_URL: other.url,
  })
  await waitFor(
    'the sign of life',
    async () => ((await pool.query('SELECT FROM couplet.process')).rowCount ?? 0) > 0,
  )
  expect(await there('restore', file, '--replace', '--reason', 'too early')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('STORE_IN_USE'),
  })
  waiting.interrupt()
  expect((await waiting.ended()).code).toBe(130)
  expect((await pool.query('SELECT FROM couplet.process')).rowCount).toBe(0)
  await pool.end()
}, 180_000)
