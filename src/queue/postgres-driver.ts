import {
  assertSchemaCompatibility,
  type BackendFactory,
  createPostgresBackend,
  DEFAULT_SCHEMA,
  isPgPool,
  LATEST_SCHEMA_VERSION,
  runMigrations,
  SchemaMigrationRequiredError,
  SchemaVersionMismatchError,
} from 'bullmq'
import pg from 'pg'
import { SyncError } from '../core/errors.ts'
import type { Log } from '../core/ports/runtime.ts'
import { assert } from '../lib/assert.ts'
import type { QueueDriver } from './backend.ts'
import { createErrorLog } from './error-log.ts'
import { type QueuePlace, reachQueue } from './unavailable.ts'

/**
 * BullMQ on Postgres, in its schema `bullmq` of the given database. One pool serves all queues and workers of the
 * process; each running worker keeps one of its connections for LISTEN: however small `poolSize` is, others are left.
 */
export async function openPostgresDriver(
  url: string,
  options: { shown: string; variable: string; log: Log; poolSize: number; migrate: boolean },
): Promise<QueueDriver> {
  const place = { variable: options.variable, shown: options.shown }
  const pool = new pg.Pool(poolConfig(url, Math.max(options.poolSize, leastConnections)))
  // Each queue and worker adds a listener of its own to the shared pool.
  pool.setMaxListeners(50)
  const onError = createErrorLog(options.log, { address: options.shown })
  // Connections that are being closed may be cut off by a server that stops with us: nobody needs to hear of it.
  pool.on('error', (error) => pool.ending || onError(error))
  // A connection that is lost while somebody holds it tells so by itself; the one who holds it gets the error as well.
  pool.on('connect', (client) => client.on('error', (error) => pool.ending || onError(error)))
  try {
    await reachQueue(place, () => (options.migrate ? migrate(pool, place) : requireSchema(pool, place)))
  } catch (error) {
    await pool.end()
    throw error
  }
  // BullMQ's own pool type and that of pg differ in overloads only.
  const connection: unknown = pool
  assert(isPgPool(connection), 'BullMQ does not take the pool')
  const factory: BackendFactory = (name, opts, roles) =>
    createPostgresBackend(name, { ...opts, connection }, roles)
  return {
    kind: 'postgres',
    place,
    prefix: DEFAULT_SCHEMA,
    factory,
    ping: () => pool.query('SELECT 1'),
    describe: async () => null,
    haveJobs: async (queue, ids) => {
      const { rows } = await pool.query<{ id: string }>(
        'SELECT id FROM job WHERE queue = $1 AND id = ANY($2::text[])',
        [queue.name, ids],
      )
      const known = new Set(rows.map(({ id }) => id))
      return ids.map((id) => known.has(id))
    },
    exclusively: (operation) => exclusively(pool, operation),
    end: () => pool.end(),
  }
}

/** Three workers that listen, one process that works exclusively, and two for what is done meanwhile. */
const leastConnections = 6
/** A process that is frozen while it works exclusively keeps the others waiting no longer than this. */
const idleInTransactionMs = 30_000

/** BullMQ's statements name no schema: the search path of each connection does. */
function poolConfig(url: string, max: number): pg.PoolConfig {
  const [address = url, query = ''] = url.split('?', 2)
  const parameters = new URLSearchParams(query)
  const given = parameters.get('options')
  parameters.set('options', `${given === null ? '' : `${given} `}-c search_path=${DEFAULT_SCHEMA}`)
  return {
    connectionString: `${address}?${parameters}`,
    max,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    application_name: 'couplet-queue',
  }
}

/**
 * Several processes may start at once: BullMQ takes an advisory lock, and the later ones find nothing to do. Tables that
 * are complete are left alone, so that an account that may not create anything can use them.
 */
async function migrate(pool: pg.Pool, place: QueuePlace): Promise<void> {
  if ((await schemaVersion(pool, place)) >= LATEST_SCHEMA_VERSION) return
  const client = await pool.connect()
  try {
    await runMigrations(client)
  } finally {
    client.release()
  }
}

async function requireSchema(pool: pg.Pool, place: QueuePlace): Promise<void> {
  const version = await schemaVersion(pool, place)
  if (version >= LATEST_SCHEMA_VERSION) return
  const what =
    version === 0 ? 'has no tables yet' : `has tables of version ${version}, older than this program`
  throw new SyncError('MIGRATION_NEEDED', `The queue at ${place.shown} (${place.variable}) ${what}`)
}

/** Version of BullMQ's tables, 0 when there are none; throws SCHEMA_TOO_NEW when this program is too old for them. */
async function schemaVersion(pool: pg.Pool, place: QueuePlace): Promise<number> {
  try {
    return await assertSchemaCompatibility(pool)
  } catch (error) {
    if (error instanceof SchemaMigrationRequiredError) return 0
    if (!(error instanceof SchemaVersionMismatchError)) throw error
    const message = `The queue at ${place.shown} (${place.variable}) was made by a newer version`
    throw new SyncError('SCHEMA_TOO_NEW', message, { cause: error })
  }
}

async function exclusively<T>(pool: pg.Pool, operation: () => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query("SELECT pg_advisory_xact_lock(hashtext('couplet queue'))")
    return await operation()
  } finally {
    // A connection that cannot even end its transaction is thrown away, and the lock with it.
    const ended = await client.query('COMMIT').catch((error: Error) => error)
    client.release(ended instanceof Error)
  }
}
