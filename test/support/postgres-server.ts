import { readFileSync, rmSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createLog } from '../../src/app/logger.ts'
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { quickFolder } from './quick-folder.ts'

export interface TestPostgres {
  readonly url: string
  stop(): Promise<void>
  endAtOnce(): void
}

/** TEST_POSTGRES_URL, else one embedded Postgres for the whole test run: quick, but not safe against a power cut. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const given = process.env['TEST_POSTGRES_URL']
  if (given) return { url: given, stop: async () => {}, endAtOnce: () => {} }
  const folder = await mkdtemp(join(quickFolder(), 'couplet-test-postgres-'))
  await chmod(folder, 0o755)
  const server = await startEmbeddedPostgres({
    dataDir: folder,
    log: createLog({ logLevel: 'warn', logFormat: 'json' }),
    searchPath: process.env['PATH'] ?? '',
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
  })
  const stop = async () => {
    await server.release()
    await rm(folder, { recursive: true, force: true })
  }
  const endAtOnce = () => {
    const [pid] = readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n')
    process.kill(Number(pid), 'SIGQUIT')
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  }
  return { url: server.url('postgres'), stop, endAtOnce }
}
