import { Client } from 'pg'
import type { BenchServer } from '../server.ts'
import { openInstallation } from './installation.ts'
import { startSlowProxy } from './slow-proxy.ts'

export interface ScaleOptions {
  readonly queueUrl: string | null
  /** Records of each of the eight tables. */
  readonly size: number
  /** One way, between workers and business systems. */
  readonly delayMs: number
  /** Lines at once of each process. */
  readonly concurrency: number
}

export interface ScaleResult {
  readonly workers: number
  readonly recordsPerSecond: number
}

const TABLES = 8
const tables = Array.from({ length: TABLES }, (_, index) => `t${index + 1}`)

/** A full synchronization of eight equal, independent tables that are far away, by 1, 2 and 4 worker processes. */
export async function measureScale(
  server: BenchServer,
  options: ScaleOptions,
): Promise<readonly ScaleResult[]> {
  const results: ScaleResult[] = []
  for (const workers of [1, 2, 4]) {
    const seconds = await measureOne(server, options, workers)
    results.push({ workers, recordsPerSecond: (TABLES * options.size) / seconds })
  }
  return results
}

async function measureOne(server: BenchServer, options: ScaleOptions, workers: number): Promise<number> {
  const { queueUrl, size, delayMs, concurrency } = options
  const databaseUrl = await server.createDatabase(0)
  await makeTables(databaseUrl, size)
  const proxy = await startSlowProxy(databaseUrl, delayMs)
  const couplet = await openInstallation({
    databaseUrl,
    queueUrl,
    systemsUrl: proxy.url,
    mappings: tables.map(mappingOf),
    env: { COUPLET_CONCURRENCY: String(concurrency), COUPLET_PAGE_SIZE: '100' },
  })
  try {
    await Promise.all(Array.from({ length: workers }, () => couplet.start('worker')))
    return await couplet.run('full')
  } finally {
    await couplet.close()
    await proxy.close()
    await server.drop(databaseUrl)
  }
}

async function makeTables(url: string, size: number): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  for (const table of tables)
    await client.query(`
      CREATE TABLE nav.${table} (id uuid PRIMARY KEY, no varchar(20) NOT NULL, name varchar(50) NOT NULL,
        modified timestamptz NOT NULL DEFAULT now());
      CREATE TABLE crm.${table} (id uuid PRIMARY KEY, number varchar(20), name varchar(50),
        modified timestamptz NOT NULL DEFAULT now());
      INSERT INTO nav.${table} SELECT md5('${table} ' || n)::uuid, 'N' || n, 'Name ' || n FROM generate_series(1, ${size}) n`)
  await client.end()
}

const mappingOf = (table: string) => ({
  name: table.toUpperCase(),
  direction: 'ToIntegrationTable' as const,
  local: { table, modifiedField: 'modified' },
  remote: { table, modifiedField: 'modified' },
  fields: [
    { local: 'no', remote: 'number' },
    { local: 'name', remote: 'name' },
  ],
})
