import { Pool } from 'pg'
import { type Care, createCare } from './care.ts'
import { translateDatabaseError } from './database-errors.ts'
import { describeServer } from './server-name.ts'
import { createStore, type Store } from './store.ts'

export interface OpenStore {
  readonly store: Store
  readonly care: Care
  readonly pool: Pool
  /** Throws a SyncError that names DATABASE_URL and the server when the database cannot be used. */
  check(): Promise<void>
  close(): Promise<void>
}

/**
 * A worker that is stopped in the middle of a page commit holds the lock on its lease row. The server ends such a
 * session after this time, so that a takeover waits no longer.
 */
const IDLE_IN_TRANSACTION_MS = 5_000
const CONNECT_TIMEOUT_MS = 10_000
/** Longer than any statement of the store takes: a server that has frozen is not waited for until the network gives up. */
const QUERY_TIMEOUT_MS = 300_000

/** Opens a pool for the store; connects lazily. */
export function openStore(options: { url: string; poolSize: number; applicationName: string }): OpenStore {
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolSize,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    query_timeout: QUERY_TIMEOUT_MS,
    // Times are read as text; a zone of the server, the database, the user or the address must not change their form.
    onConnect: (client) => client.query("set timezone = 'UTC'"),
  })
  // Without a listener the loss of an idle connection would end the process; the next query reports it anyway.
  pool.on('error', () => {})
  // So would the loss of a connection inside a transaction, between two of its statements.
  pool.on('connect', (client) => client.on('error', () => {}))
  const server = describeServer(pool.options)
  return {
    store: createStore(pool),
    care: createCare(pool),
    pool,
    close: () => pool.end(),
    async check() {
      try {
        await pool.query('select 1')
      } catch (error) {
        throw translateDatabaseError(error, server)
      }
    },
  }
}
