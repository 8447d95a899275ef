import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Log } from '../core/ports/runtime.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded/postgres.ts'
import type { QueueBackend } from '../queue/backend.ts'
import { openQueueBackend } from '../queue/connection.ts'
import { createJobQueue } from '../queue/job-queue.ts'
import type { Care } from '../store/care.ts'
import { assertMigrated, migrate } from '../store/migrate.ts'
import { type OpenStore, openStore } from '../store/open-store.ts'
import type { Deps } from '../usecases/deps.ts'
import { systemClock } from './clock.ts'
import { type Config, resolveSecretReference } from './config.ts'
import { createConnections } from './connections.ts'
import { createProbe } from './failpoint.ts'
import { createFunctionLoader, type FunctionLoader } from './functions/load-functions.ts'
import { keepHeapSmall } from './heap.ts'
import type { Connections } from './kept-connections.ts'
import { createProcessMetrics, type ProcessMetrics } from './metrics/process-metrics.ts'
import { withRecentTables } from './recent-tables.ts'
import { startTracing } from './tracing/start-tracing.ts'

/** Name of the database of Couplet in the embedded server. */
const EMBEDDED_DATABASE = 'couplet'
const BUSY_RETRY_MS = 1_000
const NEW_RUN_MS = 15_000
/** For the start of a process with a module of users' functions. */
const FUNCTIONS_LOAD_MS = 30_000

/** Everything a process works with; the only place where parts are put together. */
export interface Context {
  readonly config: Config
  readonly log: Log
  readonly deps: Deps
  readonly care: Care
  readonly metrics: ProcessMetrics
  /** Connections of this process to the store; waiting: work that has none. */
  storePool(): { readonly total: number; readonly idle: number; readonly waiting: number }
  readonly backend: QueueBackend
  /** As of `Connections`: around each piece of work of a process that lives long. */
  readonly holdFor: Connections['holdFor']
  /** The embedded server, when DATABASE_URL is not set. */
  readonly embedded: EmbeddedPostgres | null
  close(): Promise<void>
}

/** Connects store and queue, starting the embedded server when no DATABASE_URL is set; what fails closes the rest. */
export async function openContext(config: Config, log: Log): Promise<Context> {
  keepHeapSmall()
  const closers: Closers = []
  const close = () => closeAll(closers, log)
  try {
    return await openParts(config, log, closers, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function openParts(
  config: Config,
  log: Log,
  closers: Closers,
  close: () => Promise<void>,
): Promise<Context> {
  const tracing = await startTracing(config)
  if (tracing) closers.push(() => tracing.stop())
  const metrics = createProcessMetrics()
  const { store, embedded, databaseUrl } = await openStorePart(config, log, closers)
  const backend = await openQueuePart(config, log, closers, databaseUrl, tracing !== null)
  const connections = openConnections(config, closers, { store, embedded, metrics })
  const functions = createFunctionLoader(config.functionsDir, {
    callMs: config.functionLimitMs,
    loadMs: FUNCTIONS_LOAD_MS,
    memoryMb: config.functionMemoryMb,
  })
  closers.push(() => functions.close())
  return {
    config,
    log,
    backend,
    embedded,
    metrics,
    close,
    care: store.care,
    holdFor: (work) => connections.holdFor(work),
    storePool: () => ({
      total: store.pool.totalCount,
      idle: store.pool.idleCount,
      waiting: store.pool.waitingCount,
    }),
    deps: createDeps(config, log, store, backend, connections, functions),
  }
}

/** What is to be closed, in the order of its opening. */
export type Closers = (() => Promise<void>)[]

/** The store, starting the embedded server where no DATABASE_URL is set. */
export interface StorePart {
  readonly store: OpenStore
  readonly embedded: EmbeddedPostgres | null
  readonly databaseUrl: string
}

export async function openStorePart(config: Config, log: Log, closers: Closers): Promise<StorePart> {
  const embedded = config.databaseUrl === null ? await openEmbedded(config, log) : null
  if (embedded) closers.push(() => embedded.release())
  const databaseUrl = config.databaseUrl ?? embedded?.url(EMBEDDED_DATABASE) ?? ''
  const store = await openMigrated(config, databaseUrl)
  closers.push(() => store.close())
  return { store, embedded, databaseUrl }
}

/** The queue: at QUEUE_URL, else in the database of the store. */
export async function openQueuePart(
  config: Config,
  log: Log,
  closers: Closers,
  databaseUrl: string,
  traces: boolean,
): Promise<QueueBackend> {
  const backend = await openQueueBackend({
    url: config.queueUrl ?? databaseUrl,
    log,
    prefix: config.queuePrefix,
    variable: config.queueUrl === null ? 'DATABASE_URL' : 'QUEUE_URL',
    certificateAuthorities:
      config.queueAuthorities === null ? null : resolveSecretReference(config.queueAuthorities),
    poolSize: config.poolSize,
    migrate: config.migrate === 'auto',
    traces,
  })
  closers.push(() => backend.close())
  return backend
}

export function openConnections(
  config: Config,
  closers: Closers,
  { store, embedded, metrics }: Pick<StorePart, 'store' | 'embedded'> & { metrics: ProcessMetrics },
): Connections {
  const connections = createConnections({
    config,
    embedded,
    http: {
      budgets: store.store.budgets,
      metrics,
      clock: systemClock,
      random: Math.random,
      privateNetworks: config.privateNetworks,
      worker: `${hostname()}/${process.pid}/${randomUUID()}`,
    },
  })
  closers.push(() => connections.closeAll())
  return connections
}

async function openEmbedded(config: Config, log: Log): Promise<EmbeddedPostgres> {
  const embedded = await startEmbeddedPostgres({
    dataDir: config.dataDir,
    log,
    binFolder: config.postgresBin,
    searchPath: config.searchPath,
  })
  await embedded.ensureDatabase(EMBEDDED_DATABASE)
  return embedded
}

async function openMigrated(config: Config, url: string): Promise<OpenStore> {
  const store = openStore({ url, poolSize: config.poolSize, applicationName: 'couplet' })
  try {
    await store.check()
    if (config.migrate === 'auto') await migrate(store.pool)
    else await assertMigrated(store.pool)
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

/** So long is a run new: its process may still be about to tell the queue of it. */
export function newRunMsOf({ sweepSeconds }: Pick<Config, 'sweepSeconds'>): number {
  return Math.min(sweepSeconds * 1_000, NEW_RUN_MS)
}

function createDeps(
  config: Config,
  log: Log,
  store: OpenStore,
  backend: QueueBackend,
  connections: Connections,
  functions: FunctionLoader,
): Deps {
  const connect: Deps['connect'] = (connection) => connections.connect(connection)
  return {
    stores: store.store,
    queue: createJobQueue(backend, log),
    connect,
    lookUp: withRecentTables(connect, systemClock),
    loadFunctions: (modules) => functions.load(modules),
    answerAhead: (work) => functions.answerAhead(work),
    clock: systemClock,
    log,
    probe: createProbe(config.failpoint),
    processName: `${hostname()}/${process.pid}`,
    random: Math.random,
    settings: {
      pageSize: config.pageSize,
      leaseMs: config.leaseSeconds * 1_000,
      busyRetryMs: BUSY_RETRY_MS,
      newRunMs: newRunMsOf(config),
      skipAfter: config.skipAfter,
      giveUpAfter: config.giveUpAfter,
      questionMs: config.questionHours * 3_600_000,
    },
  }
}

/** The last one first. */
export async function closeAll(closers: Closers, log: Log): Promise<void> {
  for (let next = closers.pop(); next !== undefined; next = closers.pop()) {
    await next().catch((error: unknown) => log.warn({ error }, 'A part did not close in order'))
  }
}
