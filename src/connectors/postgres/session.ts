import pg from 'pg'
import { OWN_APPLICATION } from './announce-sql.ts'
import { type ConnectionFacts, describeUrl, stoppedError, toConnectionError } from './connection-errors.ts'
import type { Parameter } from './parameters.ts'
import { queryRows, type Row } from './rows.ts'
import { openTransaction, type Transaction, type WriteGuard } from './transaction.ts'

export interface SessionSettings {
  readonly name: string
  readonly url: string
  readonly urlSource: string
  readonly poolSize: number
  /** A write that was sent cannot take effect later than this. */
  readonly maxServerRunMs: number
}

/** Everything below is read as text, so that no value passes a float or a Date; these settings fix what the text means. */
const sessionSetup = [
  // Here, because an address may name another one.
  `SET application_name = '${OWN_APPLICATION}'`,
  `SET timezone = 'UTC'`,
  `SET datestyle = 'ISO'`,
  `SET bytea_output = 'hex'`,
  `SET extra_float_digits = 1`,
  `SET standard_conforming_strings = on`,
  `SET array_nulls = on`,
  `SET default_transaction_isolation = 'read committed'`,
  `SET default_transaction_read_only = off`,
  `SET jit = off`,
  // A page is a thousand keys: looking them up beats reading the table, which the default for disks hides.
  `SET random_page_cost = 1`,
  `SET statement_timeout = '10min'`,
].join(';')

/** A little more than the server's own limit: one that has frozen is not waited for until the network gives up. */
const QUERY_TIMEOUT_MS = 630_000

const asText = { getTypeParser: () => (raw: string) => raw }

/** The connections to one database. Every error that leaves is a SyncError, except data errors inside `write`. */
export class Session {
  readonly facts: ConnectionFacts
  readonly maxServerRunMs: number
  readonly #pool: pg.Pool

  constructor(settings: SessionSettings) {
    this.facts = describeUrl(settings.name, settings.urlSource, settings.url)
    this.maxServerRunMs = settings.maxServerRunMs
    this.#pool = new pg.Pool({
      connectionString: settings.url,
      max: settings.poolSize,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      query_timeout: QUERY_TIMEOUT_MS,
      types: asText,
      onConnect: (client) => client.query(sessionSetup).then(() => undefined),
    })
    // A connection that dies while it is idle is replaced by the next request; nobody waits for it.
    this.#pool.on('error', () => {})
    // One that dies between two statements of a transaction fails its next statement; the event must not end the process.
    this.#pool.on('connect', (client) => client.on('error', () => {}))
  }

  /** One reading statement outside of a transaction. An abort ends the connection, and with it the statement. */
  async rows(sql: string, parameters: readonly Parameter[], signal: AbortSignal): Promise<readonly Row[]> {
    const client = await this.#connect(signal)
    let failure: Error | undefined
    const abort = () => {
      failure = stoppedError(this.facts)
      client.release(failure)
    }
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await queryRows(client, sql, parameters)
    } catch (error) {
      throw failure ?? toConnectionError(error, this.facts)
    } finally {
      signal.removeEventListener('abort', abort)
      if (!failure) client.release()
    }
  }

  /** Statements without parameters, each committed by itself. */
  async execute(sql: string, signal: AbortSignal): Promise<void> {
    await this.rows(sql, [], signal)
  }

  /**
   * Runs the work in one transaction and commits it, asking the guard before each statement that writes and before
   * COMMIT. The server ends a statement, or a pause between two, before `maxServerRunMs` in sum: whoever is stopped
   * in the middle can take no effect after that.
   */
  async write<T>(guard: WriteGuard, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const client = await this.#connect(guard.signal)
    let broken = true
    try {
      const transaction = await openTransaction(client, guard, this.facts, this.maxServerRunMs)
      try {
        const result = await work(transaction)
        await transaction.commit()
        broken = false
        return result
      } catch (error) {
        broken = !(await transaction.rollback())
        throw error
      }
    } catch (error) {
      throw toConnectionError(error, this.facts)
    } finally {
      client.release(broken)
    }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  async #connect(signal: AbortSignal): Promise<pg.PoolClient> {
    if (signal.aborted) throw stoppedError(this.facts)
    try {
      return await this.#pool.connect()
    } catch (error) {
      throw toConnectionError(error, this.facts)
    }
  }
}
