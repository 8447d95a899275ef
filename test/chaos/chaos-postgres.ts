import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { createLog } from '../../src/app/logger.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { quickFolder } from '../support/quick-folder.ts'
import { waitFor } from '../support/servers.ts'
import { openGate } from './gate.ts'

/** A Postgres of its own, with default durability, that can be treated badly. */
export interface ChaosPostgres {
  /** Its database `couplet`, at an address that stays. */
  readonly url: string
  /** Past the gate, as the one who looks at the end. */
  query<T>(sql: string): Promise<T[]>
  /** Ends it in order (sessions are ended), or kills it at once, and starts it again after `downMs`. */
  restart(how: 'SIGINT' | 'SIGQUIT', downMs: number): Promise<void>
  /** Ends all connections of Couplet at once. */
  cutConnections(): void
  /** A disk without room refuses every write; reads go on. */
  setReadOnly(isReadOnly: boolean): Promise<void>
  close(): Promise<void>
}

const database = 'couplet'

export async function startChaosPostgres(pause: (ms: number) => Promise<void>): Promise<ChaosPostgres> {
  const folder = await mkdtemp(join(quickFolder(), 'couplet-chaos-'))
  await chmod(folder, 0o755)
  const gate = await openGate()
  const start = async () => {
    const server = await startEmbeddedPostgres({
      dataDir: folder,
      log: createLog({ logLevel: 'silent', logFormat: 'json' }),
      searchPath: process.env['PATH'] ?? '',
      settings: { max_connections: '150' },
    })
    gate.leadTo(Number(new URL(server.url(database)).port))
    return server
  }
  let server: EmbeddedPostgres = await start()
  await server.ensureDatabase(database)
  let observer: Promise<Client> | null = null
  const connect = async () => {
    const client = new Client({
      connectionString: server.url(database),
      options: '-c default_transaction_read_only=off',
    })
    client.on('error', () => {})
    client.on('end', () => {
      observer = null
    })
    await client.connect()
    return client
  }
  const query = async <T>(sql: string): Promise<T[]> => {
    observer ??= connect()
    const client = await observer.catch((error: unknown) => {
      observer = null
      throw error
    })
    return (await client.query(sql)).rows as T[]
  }
  const address = new URL(server.url(database))
  address.host = `127.0.0.1:${gate.port}`
  return {
    url: address.href,
    query,
    async restart(how, downMs) {
      const pid = Number(readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0])
      process.kill(pid, how)
      await waitFor('Postgres has ended', () => !isAlive(pid))
      gate.cut()
      await pause(downMs)
      await server.release()
      server = await start()
    },
    cutConnections: () => gate.cut(),
    async setReadOnly(isReadOnly) {
      await query(
        `ALTER DATABASE ${database} SET default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`,
      )
      gate.cut()
    },
    async close() {
      await observer?.then((client) => client.end()).catch(() => {})
      await gate.close()
      await server.release()
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
