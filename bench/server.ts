import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { createLog } from '../src/app/logger.ts'
import { startEmbeddedPostgres } from '../src/embedded/postgres.ts'
import { destinationSql, sourceSql } from './customers.ts'

/** A Postgres of the bench's own, with the durability a fresh installation has. */
export interface BenchServer {
  /** A new database with `count` customers and no account: `nav.customer`, `crm.account` for Couplet, two of `floor` for the floor. */
  createDatabase(count: number): Promise<string>
  /** The next measurement begins with clean statistics, hint bits and no dirty pages. */
  settle(url: string): Promise<void>
  drop(url: string): Promise<void>
  stop(): Promise<void>
}

export async function startServer(): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'couplet-bench-'))
  // As root the server runs under another account: where it could not enter, its data would lie elsewhere and stay.
  await chmod(folder, 0o755)
  const log = createLog({ logLevel: 'silent', logFormat: 'json' })
  const embedded = await startEmbeddedPostgres({
    dataDir: folder,
    log,
    searchPath: process.env['PATH'] ?? '',
  })
  let created = 0
  return {
    async createDatabase(count) {
      created += 1
      const name = `bench_${created}`
      await embedded.ensureDatabase(name)
      const url = embedded.url(name)
      await execute(
        url,
        'CREATE SCHEMA nav; CREATE SCHEMA crm; CREATE SCHEMA floor',
        ...[
          sourceSql('nav', count),
          sourceSql('floor', count),
          destinationSql('crm'),
          destinationSql('floor'),
        ],
      )
      await execute(url, 'VACUUM (ANALYZE)', 'CHECKPOINT')
      return url
    },
    settle: (url) => execute(url, 'VACUUM (ANALYZE)', 'CHECKPOINT'),
    drop: (url) =>
      execute(embedded.url('postgres'), `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`),
    async stop() {
      await embedded.release()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function execute(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
