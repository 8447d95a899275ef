import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { SyncError } from '../../core/errors.ts'
import type { AnnouncedTable, ChangeLine } from '../../core/ports/connector.ts'
import { sleep } from '../../lib/sleep.ts'
import {
  announcedSql,
  announcedTable,
  announceStatements,
  CHANNEL,
  OWN_APPLICATION,
  silenceStatements,
} from './announce-sql.ts'
import { readCatalog } from './catalog.ts'
import { toConnectionError } from './connection-errors.ts'
import { displayTable, possibleTables } from './identifiers.ts'
import type { Session } from './session.ts'

const LOCK_TIMEOUT_MS = 3_000
const LOCK_NOT_AVAILABLE = '55P03'

export interface ChangeLineSettings {
  readonly session: Session
  readonly url: string
  readonly searchSchema: string
  /** How often the line is tried; one that does not answer for as long again is given up. */
  readonly beatMs: number
}

/** LISTEN on a connection of its own. A beat goes the whole way round, so that a line that is cut, or led astray by a pooler, shows. */
export function createChangeLine(settings: ChangeLineSettings): ChangeLine {
  const { session, searchSchema } = settings
  return {
    listen: (onChange, signal) => listen(settings, onChange, signal),
    namesOf: (table) => possibleTables(table, searchSchema).map(displayTable),
    findAnnounced: (tables, signal) =>
      Promise.all(tables.map((table) => findAnnounced(settings, table, signal))),
    async describeSetUp(tables, signal) {
      const catalogs = await Promise.all(
        tables.map((table) => readCatalog(session, table, searchSchema, signal)),
      )
      const named = new Map(
        catalogs.filter(({ isView }) => !isView).map(({ name }) => [displayTable(name), name]),
      )
      return announceStatements(searchSchema, [...named.values()])
    },
    describeRemoval: () => silenceStatements(searchSchema),
    findHazards: (signal) => findHazards(session, signal),
    async apply(statements, signal) {
      for (const statement of statements) await applyOne(session, statement, signal)
    },
  }
}

/** In a transaction of its own, together with its limit: who waits for a lock on a table keeps everybody behind him waiting. */
async function applyOne(session: Session, statement: string, signal: AbortSignal): Promise<void> {
  try {
    await session.execute(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT_MS}ms'; ${statement}`, signal)
  } catch (error) {
    if (!(error instanceof SyncError) || error.data['sqlState'] !== LOCK_NOT_AVAILABLE) throw error
    const message = `${error.message}; somebody works with the table. What was done before stays, and all of it may be repeated: try again`
    throw new SyncError(error.code, message, { data: error.data, cause: error })
  }
}

async function findAnnounced(
  { session, searchSchema }: ChangeLineSettings,
  table: string,
  signal: AbortSignal,
): Promise<AnnouncedTable> {
  const { name, isView } = await readCatalog(session, table, searchSchema, signal)
  const [row] = await session.rows(announcedSql, [name.schema, name.table], signal)
  if (row?.[1] === 't') return { table, state: 'announced' }
  return { table, state: isView ? 'impossible' : 'silent' }
}

/** Postgres refuses to prepare a transaction that has told something. */
async function findHazards(session: Session, signal: AbortSignal): Promise<readonly string[]> {
  const [row] = await session.rows(`SELECT current_setting('max_prepared_transactions')`, [], signal)
  if (row?.[0] === '0') return []
  return [
    `max_prepared_transactions is ${row?.[0]}: a program that writes these tables and commits in two phases (PREPARE TRANSACTION) would fail`,
  ]
}

async function listen(
  { session, url, beatMs }: ChangeLineSettings,
  onChange: (table: string | null) => void,
  signal: AbortSignal,
): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: OWN_APPLICATION,
    keepAlive: true,
    connectionTimeoutMillis: beatMs,
    query_timeout: beatMs,
  })
  const beats = new Set<string>()
  const broken = new AbortController()
  client.on('error', (error) => broken.abort(error))
  client.on('end', () => broken.abort(new Error('the server has closed the line')))
  const over = AbortSignal.any([signal, broken.signal])
  client.on('notification', ({ payload = '' }) => {
    if (beats.delete(payload)) return
    const table = announcedTable(payload)
    if (table !== null) onChange(table)
  })
  try {
    await client.connect()
    await client.query(`LISTEN ${CHANNEL}`)
    await beat(client, beats)
    onChange(null)
    while (!signal.aborted) {
      await sleep(beatMs, over)
      broken.signal.throwIfAborted()
      if (!signal.aborted) await beat(client, beats)
    }
  } catch (error) {
    throw toConnectionError(error, session.facts)
  } finally {
    // One that is cut takes no goodbye, and nobody waits for it.
    client.end().catch(() => {})
  }
}

/** What is told on a line comes before the answer to the statement that has told it. */
async function beat(client: pg.Client, beats: Set<string>): Promise<void> {
  const id = `beat ${randomUUID()}`
  beats.add(id)
  await client.query(`SELECT pg_notify('${CHANNEL}', $1)`, [id])
  // The notification of a transaction of one's own follows the end of that transaction.
  await client.query('SELECT 1')
  if (!beats.delete(id)) return
  throw new SyncError(
    'CONNECTION_INTERRUPTED',
    'the line hears nothing of its own: it must lead to the server, not to a pooler',
  )
}
