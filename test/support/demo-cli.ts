import { randomUUID } from 'node:crypto'
import { createDemoDatabases } from '../../src/demo/seed.ts'
import { snapshotTables } from '../../src/demo/snapshot.ts'
import { type CommandResult, runCommand } from './cli.ts'
import { createDatabase, createStoreDatabase, type TestDatabase } from './postgres.ts'
import { redisUrl } from './redis.ts'

/** The demo's databases, filled, and the command line on them; nothing is set up in the store. */
export interface DemoCli {
  readonly env: Readonly<Record<string, string>>
  readonly store: TestDatabase
  readonly systems: TestDatabase
  couplet(...args: string[]): Promise<CommandResult>
  /** `couplet setup` of both sides, with the shipped mappings. */
  setUp(): Promise<CommandResult>
  /** All rows of both systems. */
  snapshot(): Promise<readonly unknown[]>
  drop(): Promise<void>
}

export async function createDemoCli(size: number): Promise<DemoCli> {
  const [store, systems] = await Promise.all([createStoreDatabase(), createDatabase()])
  const env = {
    DATABASE_URL: store.url,
    QUEUE_URL: redisUrl() ?? store.url,
    COUPLET_QUEUE_PREFIX: `cli${randomUUID().slice(0, 8)}`,
    SYSTEMS_URL: systems.url,
  }
  await createDemoDatabases({ localUrl: systems.url, remoteUrl: systems.url, size })
  const couplet = (...args: string[]) => runCommand(args, env)
  const side = (name: string, schema: string) => [`--${name}`, 'env:SYSTEMS_URL', `--${name}-schema`, schema]
  return {
    env,
    store,
    systems,
    couplet,
    setUp: () => couplet('setup', ...side('local', 'nav'), ...side('remote', 'crm')),
    snapshot: async () => [
      ...(await snapshotTables(systems.url, 'nav')),
      ...(await snapshotTables(systems.url, 'crm')),
    ],
    drop: async () => {
      await Promise.all([store.drop(), systems.drop()])
    },
  }
}
