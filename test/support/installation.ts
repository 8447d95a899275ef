import { randomUUID } from 'node:crypto'
import { Pool } from 'pg'
import { type Config, loadConfig } from '../../src/app/config.ts'
import { type Context, openContext } from '../../src/app/context.ts'
import type { Part } from '../../src/app/life-cycle.ts'
import { createLog } from '../../src/app/logger.ts'
import { sweeperPart } from '../../src/app/parts.ts'
import { workerPart } from '../../src/app/worker-part.ts'
import { workerQueues } from '../../src/app/worker-queues.ts'
import { MappingDefinition } from '../../src/core/mapping/definition.ts'
import type { Pair } from '../../src/core/ports/mapping-store.ts'
import type { RunDetails } from '../../src/core/ports/run-store.ts'
import type { Log } from '../../src/core/ports/runtime.ts'
import { type Job, type RunKind, runIsDone } from '../../src/core/sync/run.ts'
import type { RunRequest } from '../../src/usecases/flow/plan-run.ts'
import { startRun } from '../../src/usecases/flow/start-run.ts'
import { importMappings } from '../../src/usecases/setup/import-mappings.ts'
import { setUpPair } from '../../src/usecases/setup/set-up-pair.ts'
import { createDatabase, createStoreDatabase } from './postgres.ts'
import { redisUrl } from './redis.ts'
import { waitFor } from './servers.ts'
import { thisMachine } from './this-machine.ts'

export type QueueKind = 'postgres' | 'redis'

/** The queue back ends to test on: Redis only where there is one (the run has said so otherwise). */
export const queueKinds: readonly QueueKind[] = redisUrl() === null ? ['postgres'] : ['postgres', 'redis']

/**
 * For tests in which the queue only carries what the store decides: one of them in the usual run, all with COUPLET_ALL_QUEUES=1.
 */
export const queuesBut = (left: QueueKind): readonly QueueKind[] =>
  process.env['COUPLET_ALL_QUEUES'] === '1' || queueKinds.length === 1
    ? queueKinds
    : queueKinds.filter((kind) => kind !== left)

/** A whole Couplet on databases of its own: a store, a queue, and one database with the tables of both systems. */
export interface Installation {
  readonly env: Readonly<Record<string, string>>
  readonly context: Context
  readonly pair: Pair
  /** The systems: schema `nav` is local, `crm` is remote. */
  readonly systems: Pool
  readonly store: Pool
  import(...definitions: readonly Parameters<typeof MappingDefinition.parse>[0][]): Promise<void>
  addPair(name: string, schemas: { local: string; remote: string }): Promise<Pair>
  /** Starts workers in this process; stopped by `close`. */
  work(): Promise<void>
  start(kind: Exclude<RunKind, 'records'>, options?: Partial<RunRequest>): Promise<number>
  /** Waits until the run has ended. */
  ended(runId: number, timeoutMs?: number): Promise<RunDetails>
  run(kind: Exclude<RunKind, 'records'>, options?: Partial<RunRequest>): Promise<RunDetails>
  /** All rows of a query on the systems' database. */
  rows<T extends object>(sql: string, values?: readonly unknown[]): Promise<T[]>
  close(): Promise<void>
}

export interface InstallationOptions {
  readonly queue?: QueueKind
  /** SQL that makes the tables of both systems, in the schemas `nav` and `crm`. */
  readonly systemsSql: string
  readonly env?: Readonly<Record<string, string>>
  /** Takes the lines of the log, as JSON, in place of the level that `env` gives: all of them. */
  readonly onLogLine?: (line: string) => void
}

export async function createInstallation(options: InstallationOptions): Promise<Installation> {
  const [storeDb, systemsDb] = await Promise.all([createStoreDatabase(), createDatabase()])
  const env = {
    DATABASE_URL: storeDb.url,
    ...(options.queue === 'redis' ? { QUEUE_URL: redisUrl() ?? '' } : {}),
    COUPLET_QUEUE_PREFIX: `t${randomUUID().slice(0, 8)}`,
    COUPLET_LOG_LEVEL: 'silent',
    COUPLET_SWEEP_SECONDS: '1',
    COUPLET_STALLED_SECONDS: '10',
    COUPLET_LEASE_SECONDS: '10',
    SYSTEMS_URL: systemsDb.url,
    COUPLET_PRIVATE_NETWORKS: thisMachine,
    ...options.env,
  }
  process.env['SYSTEMS_URL'] = systemsDb.url
  const systems = new Pool({ connectionString: systemsDb.url, max: 4 })
  const store = new Pool({ connectionString: storeDb.url, max: 4 })
  for (const pool of [systems, store]) pool.on('error', () => {})
  await systems.query(`CREATE SCHEMA nav; CREATE SCHEMA crm; ${options.systemsSql}`)
  const config = loadConfig(env)
  const context = await openContext(config, logOf(config, options))
  const addPair = (name: string, schemas: { local: string; remote: string }) =>
    setUpPair(
      {
        name,
        local: { kind: 'postgres', url: 'env:SYSTEMS_URL', schema: schemas.local, company: '' },
        remote: { kind: 'postgres', url: 'env:SYSTEMS_URL', schema: schemas.remote, company: '' },
      },
      context.deps,
    )
  const pair = await addPair('test', { local: 'nav', remote: 'crm' })
  const parts: Part[] = []
  const ended = (runId: number, timeoutMs = 60_000) =>
    waitFor(
      `the end of run ${runId}`,
      async () => {
        const details = await context.deps.stores.runs.getRun(runId)
        return runIsDone(details.run.state) ? details : null
      },
      timeoutMs,
    )
  const start = async (kind: Exclude<RunKind, 'records'>, more: Partial<RunRequest> = {}) => {
    const { run } = await startRun({ ...request(pair.id, kind), ...more }, context.deps)
    return run.id
  }
  return {
    env,
    context,
    pair,
    systems,
    store,
    addPair,
    start,
    ended,
    import: (...definitions) => importAll(pair, definitions, context),
    run: async (kind, more) => ended(await start(kind, more)),
    rows: async <T extends object>(sql: string, values: readonly unknown[] = []) =>
      (await systems.query<T>(sql, [...values])).rows,
    async work() {
      const started = [
        sweeperPart(context, { schedules: true }),
        workerPart(context, { queues: workerQueues, schedules: true }),
      ]
      for (const part of started) {
        await part.start?.(new AbortController().signal)
        parts.unshift(part)
      }
    },
    async close() {
      for (const part of parts) await part.drain?.()
      for (const part of parts) await part.stop?.()
      await context.close()
      await Promise.all([systems.end(), store.end()])
      await Promise.all([storeDb.drop(), systemsDb.drop()])
    },
  }
}

function logOf(config: Config, { onLogLine }: InstallationOptions): Log {
  return onLogLine === undefined
    ? createLog(config)
    : createLog({ logLevel: 'debug', logFormat: 'json' }, { write: onLogLine })
}

export async function importAll(
  pair: Pair,
  definitions: readonly unknown[],
  context: Context,
): Promise<void> {
  const parsed = definitions.map((definition) => MappingDefinition.parse(definition))
  const report = await importMappings(pair, parsed, { changedBy: 'test', reason: 'test' }, context.deps)
  const errors = report.problems.filter((problem) => problem.severity === 'error')
  if (errors.length > 0)
    throw new Error(
      errors.map((problem) => `${problem.mapping} ${problem.path}: ${problem.message}`).join('\n'),
    )
}

export function request(pairId: number, kind: Exclude<RunKind, 'records'>): RunRequest {
  return {
    pairId,
    kind,
    mapping: null,
    keepCreating: 'no',
    requestedBy: 'test',
    reason: 'test',
    idempotencyKey: null,
    payloadHash: null,
    scheduleId: null,
    slot: null,
  }
}

/** The job of one mapping and direction in a finished run. */
export function jobOf(details: RunDetails, mapping: string, direction: 'to' | 'from'): Job {
  const found = details.jobs.find((job) => job.mappingName === mapping && job.direction === direction)
  if (!found) throw new Error(`No ${direction} job of ${mapping}`)
  return found
}
