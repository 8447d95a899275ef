import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { chmod, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Log } from '../../src/core/ports/runtime.ts'
import { type EmbeddedOptions, resetEmbedded, startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { livingProcess } from '../../src/embedded/process-identity.ts'
import { type Child, startChild } from '../support/child.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { waitFor } from '../support/servers.ts'

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }
const isRoot = process.getuid?.() === 0
const userFile = 'test/support/embedded-user.ts'

let dataDir = ''
let children: (Child | ChildProcess)[] = []

beforeEach(async () => {
  const parent = await mkdtemp(join(quickFolder(), 'couplet-embedded-'))
  await chmod(parent, 0o755)
  dataDir = join(parent, 'data')
  children = []
})

afterEach(async () => {
  for (const child of children) {
    const { pid } = child
    if (pid !== undefined && livingProcess(pid)) process.kill(pid, 'SIGKILL')
    if (pid !== undefined) await waitFor('the child is gone', () => livingProcess(pid) === null)
  }
  await resetEmbedded(dataDir)
  await rm(join(dataDir, '..'), { recursive: true, force: true })
})

function start(extra: Partial<EmbeddedOptions> = {}) {
  return startEmbeddedPostgres({ dataDir, log: silent, settings: { fsync: 'off' }, ...extra })
}

function startUser(options: { uid?: number; detached?: boolean } = {}): Child {
  const child = startChild(userFile, { args: [dataDir], ...options })
  children.push(child)
  return child
}

async function ask(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

function serverPid(): number {
  return Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0])
}

describe('the embedded Postgres', () => {
  it('starts on first use, is stopped by its only user, and keeps its data until the next start', async () => {
    const first = await start()
    await first.ensureDatabase('couplet')
    await first.ensureDatabase('couplet')
    await ask(first.url('couplet'), 'CREATE TABLE note AS SELECT 1 AS number')
    const pid = serverPid()
    await first.release()
    await first.release()
    expect(livingProcess(pid)).toBeNull()
    const second = await start()
    expect(await ask(second.url('couplet'), 'SELECT number FROM note')).toEqual([{ number: 1 }])
    await second.release()
  })

  it('compares text by code point, knows letters beyond ASCII, and listens on this machine only', async () => {
    const server = await start()
    const rows = await ask(
      server.url('postgres'),
      `SELECT upper('ærø') AS upper, 'Z' < 'a' AS by_code_point, current_setting('server_encoding') AS encoding,
        current_setting('listen_addresses') AS listen, current_setting('fsync') AS fsync`,
    )
    expect(rows).toEqual([
      { upper: 'ÆRØ', by_code_point: true, encoding: 'UTF8', listen: '127.0.0.1', fsync: 'off' },
    ])
    await server.release()
  })

  it('lets nobody in without the password, which only the account of the server can read', async () => {
    const server = await start()
    const url = new URL(server.url('postgres'))
    url.password = 'wrong'
    await expect(ask(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/)
    await server.release()
  })

  it('is durable by default', async () => {
    const server = await start({ settings: {} })
    const rows = await ask(
      server.url('postgres'),
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit`,
    )
    expect(rows).toEqual([{ fsync: 'on', commit: 'on' }])
    await server.release()
  })

  it('starts again after everything was killed, with what was committed', async () => {
    const user = startUser()
    const url = await user.printed(/url (\S+)/)
    await ask(url, 'CREATE TABLE note AS SELECT 7 AS number')
    const pid = serverPid()
    process.kill(user.pid, 'SIGKILL')
    process.kill(pid, 'SIGKILL')
    await user.ended()
    const again = await start()
    expect(serverPid()).not.toBe(pid)
    expect(await ask(again.url('shared'), 'SELECT number FROM note')).toEqual([{ number: 7 }])
    await again.release()
  })

  it('starts although the number of the killed server now belongs to another program', async () => {
    const server = await start()
    const pid = serverPid()
    process.kill(pid, 'SIGKILL')
    await waitFor('the server is gone', () => livingProcess(pid) === null)
    const other = spawn('sleep', ['60'])
    children.push(other)
    const pidFile = join(dataDir, 'postgres/postmaster.pid')
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(other.pid)))
    const again = await start()
    expect(await ask(again.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(livingProcess(other.pid ?? 0)).not.toBeNull()
    await again.release()
    await server.release()
  })

  it('is shared by processes that start at the same moment and stops with the last of them', async () => {
    const users = [startUser(), startUser(), startUser()]
    const urls = await Promise.all(users.map((user) => user.printed(/url (\S+)/)))
    expect(new Set(urls).size).toBe(1)
    const pid = serverPid()
    for (const user of users) {
      expect(livingProcess(pid)).not.toBeNull()
      user.process.stdin?.write('\n')
      expect(await user.ended()).toBe(0)
    }
    expect(livingProcess(pid)).toBeNull()
    expect(users.filter((user) => user.output().includes('set up and started'))).toHaveLength(1)
    expect(users.filter((user) => user.output().includes('Embedded Postgres stopped'))).toHaveLength(1)
  })

  it('does not count a user that was killed', async () => {
    const killed = startUser()
    await killed.printed(/url/)
    const server = await start()
    const pid = serverPid()
    process.kill(killed.pid, 'SIGKILL')
    await killed.ended()
    await server.release()
    expect(livingProcess(pid)).toBeNull()
  })

  it('survives Ctrl-C in the terminal of its user until that user lets go', async () => {
    const user = startUser({ detached: true })
    const url = await user.printed(/url (\S+)/)
    process.kill(-user.pid, 'SIGINT')
    await user.printed(/interrupted/)
    expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    user.process.stdin?.write('\n')
    expect(await user.ended()).toBe(0)
  })

  it('is set up to its end on Ctrl-C in the middle: what its user does then is up to that user', async () => {
    const user = startUser({ detached: true })
    await waitFor('initdb is at work', () => existsSync(join(dataDir, 'postgres.new/global/pg_control')))
    process.kill(-user.pid, 'SIGINT')
    await user.printed(/interrupted/)
    expect(await ask(await user.printed(/url (\S+)/), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    user.process.stdin?.write('\n')
    expect(await user.ended()).toBe(0)
  })

  it.skipIf(!isRoot)('runs for an ordinary user too', async () => {
    await chmod(join(dataDir, '..'), 0o777)
    const user = startUser({ uid: 65534 })
    const url = await user.printed(/url (\S+)/)
    expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    user.process.stdin?.write('\n')
    expect(await user.ended()).toBe(0)
    const asRoot = await start()
    expect(await ask(asRoot.url('shared'), 'SELECT 2 AS two')).toEqual([{ two: 2 }])
    await asRoot.release()
  })

  it.skipIf(!isRoot)('tells an ordinary user whose data it is that root has made', async () => {
    const asRoot = await start()
    await asRoot.release()
    const user = startUser({ uid: 65534 })
    expect(await user.ended()).not.toBe(0)
    expect(user.output()).toMatch(/EMBEDDED_UNAVAILABLE/)
    expect(user.output()).toMatch(/cannot be used: EACCES.*use the account that owns it/)
  })

  it.skipIf(!isRoot)('runs for root below a folder that only root may enter', async () => {
    await chmod(join(dataDir, '..'), 0o700)
    const server = await start()
    expect(await ask(server.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await server.release()
    const real = await realpath(join(dataDir, 'postgres'))
    expect(real).toMatch(/^\/var\/lib\/couplet\//)
    const again = await start()
    expect(await ask(again.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await again.release()
    await resetEmbedded(dataDir)
    expect(existsSync(join(real, '..'))).toBe(false)
  })

  it('works in a folder whose path is longer than the name of a socket may be', async () => {
    dataDir = join(dataDir, 'x'.repeat(120), 'data')
    const server = await start()
    expect(await ask(server.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await server.release()
    await resetEmbedded(dataDir)
    dataDir = join(dataDir, '../..')
  })

  it('names the variable and the package when no Postgres can be found', async () => {
    await expect(start({ binFolder: '/nowhere' })).rejects.toMatchObject({
      code: 'EMBEDDED_UNAVAILABLE',
      message: expect.stringMatching(/Correct COUPLET_POSTGRES_BIN.*\n.*\/nowhere/),
    })
  })

  it('says so when the existing data needs another version of Postgres', async () => {
    const server = await start()
    await server.release()
    const real = await realpath(join(dataDir, 'postgres'))
    const version = await readFile(join(real, 'PG_VERSION'), 'utf8')
    writeFileSync(join(real, 'PG_VERSION'), '9\n')
    await expect(start()).rejects.toMatchObject({
      code: 'EMBEDDED_UNAVAILABLE',
      message: expect.stringMatching(/No usable Postgres 9 \(the version of the existing data\)/),
    })
    writeFileSync(join(real, 'PG_VERSION'), version)
  })

  it('is not reset while somebody uses it, and starts empty afterwards', async () => {
    const server = await start()
    await server.ensureDatabase('couplet')
    await expect(resetEmbedded(dataDir)).rejects.toMatchObject({ code: 'EMBEDDED_IN_USE' })
    expect(await ask(server.url('couplet'), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await server.release()
    await resetEmbedded(dataDir)
    const fresh = await start()
    await expect(ask(fresh.url('couplet'), 'SELECT 1')).rejects.toThrow(/does not exist/)
    await fresh.release()
  })
})

describe.skipIf(!existsSync('/usr/lib/postgresql/15/bin/postgres'))('a Postgres of the machine', () => {
  it('works with the same launcher', async () => {
    const server = await start({ binFolder: '/usr/lib/postgresql/15/bin' })
    const rows = await ask(server.url('postgres'), 'SHOW server_version_num')
    expect(String(rows[0]?.['server_version_num'])).toMatch(/^15/)
    await server.release()
  })
})
