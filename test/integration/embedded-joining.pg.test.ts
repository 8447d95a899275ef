import { readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Log } from '../../src/core/ports/runtime.ts'
import { resetEmbedded, startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { livingProcess } from '../../src/embedded/process-identity.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { waitFor } from '../support/servers.ts'

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }

let parent = ''
beforeEach(async () => {
  parent = await mkdtemp(join(quickFolder(), 'couplet-joining-'))
  await chmod(parent, 0o755)
})
afterEach(() => rm(parent, { recursive: true, force: true }))

function start(dataDir: string, settings: Record<string, string> = {}) {
  return startEmbeddedPostgres({ dataDir, log: silent, settings: { fsync: 'off', ...settings } })
}

const pidFile = (dataDir: string) => join(dataDir, 'postgres/postmaster.pid')
const serverPid = (dataDir: string) => Number(readFileSync(pidFile(dataDir), 'utf8').split('\n')[0])

async function open(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}

describe('a process that joins the embedded Postgres', () => {
  it('knows the server of a data folder whose path leads over a link', async () => {
    await mkdir(join(parent, 'real'))
    await symlink('real', join(parent, 'link'))
    const first = await start(join(parent, 'link/data'))
    const second = await start(join(parent, 'link/data'))
    const third = await start(join(parent, 'real/data'))
    expect([second.url('a'), third.url('a')]).toEqual([first.url('a'), first.url('a')])
    const pid = serverPid(join(parent, 'link/data'))
    for (const user of [first, second, third]) {
      expect(livingProcess(pid)).not.toBeNull()
      await user.release()
    }
    expect(livingProcess(pid)).toBeNull()
  })

  it('waits for a connection when all are in use, and leaves the server to those who have them', async () => {
    const dataDir = join(parent, 'data')
    const first = await start(dataDir, { max_connections: '6' })
    const pid = serverPid(dataDir)
    const clients = await Promise.all(Array.from({ length: 6 }, () => open(first.url('postgres'))))
    const joining = start(dataDir)
    const log = () => readFile(join(dataDir, 'postgres.log'), 'utf8')
    await waitFor('it has been turned away', async () => (await log()).includes('too many clients'))
    await Promise.all(clients.map((client) => client.end()))
    const second = await joining
    expect(second.url('a')).toBe(first.url('a'))
    expect(serverPid(dataDir)).toBe(pid)
    await first.release()
    await second.release()
  })

  it('takes no process of another Postgres for the server, although it has the number of the one that was killed', async () => {
    const [killed, other] = [join(parent, 'killed'), join(parent, 'other')]
    await start(killed)
    const pid = serverPid(killed)
    process.kill(pid, 'SIGKILL')
    await waitFor('the server is gone', () => livingProcess(pid) === null)
    const server = await start(other)
    const client = await open(server.url('postgres'))
    const { rows } = await client.query(
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
    )
    await client.end()
    const stale = (await readFile(pidFile(killed), 'utf8')).replace(/^\d+/, String(rows[0].pid))
    await writeFile(pidFile(killed), stale)
    await rm(join(killed, 'postgres-users'), { recursive: true })
    await resetEmbedded(killed)
    expect(livingProcess(rows[0].pid)).not.toBeNull()
    await server.release()
  })
})
