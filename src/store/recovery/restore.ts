import type { Pool, PoolClient } from 'pg'
import { z } from 'zod'
import { SyncError } from '../../core/errors.ts'
import type { BackupStore } from '../../core/ports/backup-store.ts'
import { recoveryLease } from '../../core/ports/recovery-store.ts'
import { createDatabase, type Executor } from '../database.ts'
import { acquire } from '../leases/acquire.ts'
import { listMigrations } from '../migrate.ts'
import { backedUpTables } from './backup-tables.ts'
import { assertNobodyLives, lockLeases } from './nobody-works.ts'
import { beginRecovery } from './recovery-store.ts'

const BATCH = 500
const ROW = '{"row":'
const Header = z.strictObject({
  couplet: z.literal('backup'),
  format: z.literal(1),
  migration: z.string(),
  at: z.string(),
})
const Section = z.strictObject({ table: z.string(), columns: z.array(z.string()) })

/** One transaction: a restore that fails, or is cut off, has not been. Numbers are far ahead before anybody sees the first row. */
export async function restoreBackup(
  pool: Pool,
  lines: AsyncIterable<string>,
  options: Parameters<BackupStore['restoreBackup']>[1],
): Promise<void> {
  const client = await pool.connect()
  try {
    await createDatabase(client).transaction(async (tx) => {
      await client.query("set local idle_in_transaction_session_timeout = '1min'")
      await keepOthersOut(tx)
      await client.query('lock table couplet.connection in access exclusive mode')
      // Whoever has begun while this waited for the lock.
      await assertNobodyLives(tx)
      await makeRoom(client, options.replace)
      await insertLines(client, lines)
      await moveSequences(client)
      await beginRecovery(tx, options)
    })
  } finally {
    // Ends the transaction on every path that has not committed.
    client.release(true)
  }
}

/** Until the end of the transaction nobody takes a lease, and a recovery that begins waits. */
async function keepOthersOut(tx: Executor): Promise<void> {
  const hindrance = await lockLeases(tx)
  await assertNobodyLives(tx)
  if (hindrance === null) {
    // Of a store that has never been recovered there is no row of it to be locked.
    await acquire(tx, { resources: [recoveryLease], holder: 'couplet restore', ttlMs: 0 })
    return
  }
  const { holder, expiresInMs, isRecovery } = hindrance
  const what = isRecovery ? 'A recovery' : 'A line'
  const message = `${what} is at work in ${holder}, or has died: then it is forgotten in ${Math.ceil(expiresInMs / 1_000)} seconds`
  throw new SyncError(isRecovery ? 'RECOVERY_AT_WORK' : 'STORE_IN_USE', message, {
    data: { processes: holder },
  })
}

async function makeRoom(client: PoolClient, replace: boolean): Promise<void> {
  const { rows } = await client.query('select from couplet.connection limit 1')
  if (rows.length > 0 && !replace) {
    throw new SyncError('STORE_NOT_EMPTY', 'The store holds connections and what belongs to them')
  }
  // What leads to these goes as well: runs, jobs, questions, previews, alerts.
  const names = [...backedUpTables.map(({ name }) => name), 'outcome']
  await client.query(`truncate ${names.map((name) => `couplet.${name}`).join(', ')} cascade`)
}

async function insertLines(client: PoolClient, lines: AsyncIterable<string>): Promise<void> {
  let isFirst = true
  let section: z.infer<typeof Section> | null = null
  let batch: string[] = []
  const flush = async () => {
    if (section !== null && batch.length > 0) await insertRows(client, section, batch)
    batch = []
  }
  for await (const line of lines) {
    if (isFirst) await checkHeader(line)
    else if (line.startsWith(ROW)) {
      batch.push(line.slice(ROW.length, -1))
      if (batch.length >= BATCH) await flush()
    } else {
      await flush()
      section = readSection(line)
    }
    isFirst = false
  }
  await flush()
}

async function checkHeader(line: string): Promise<void> {
  const header = Header.safeParse(parse(line))
  if (!header.success) throw invalid('it does not begin like a backup of Couplet')
  const last = (await listMigrations()).at(-1)
  if (header.data.migration === last) return
  throw invalid(
    `it was made with ${header.data.migration}, and this version has ${last}: restore it with the version it was made with, then update`,
  )
}

function readSection(line: string): z.infer<typeof Section> {
  const section = Section.safeParse(parse(line))
  const isKnown = section.success && backedUpTables.some(({ name }) => name === section.data.table)
  if (!isKnown) throw invalid('a line of it names no table that is backed up')
  return section.data
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

async function insertRows(
  client: PoolClient,
  { table, columns }: z.infer<typeof Section>,
  rows: readonly string[],
): Promise<void> {
  const list = columns.map((column) => `"${column.replaceAll('"', '""')}"`).join(', ')
  await client.query(
    `insert into couplet.${table} (${list}) overriding system value
     select ${list} from json_populate_recordset(null::couplet.${table}, $1::json)`,
    [`[${rows.join(',')}]`],
  )
}

/** Behind the highest number that is in the store now. */
async function moveSequences(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ sequence: string; table: string; column: string }>(
    `
    select pg_get_serial_sequence('couplet.' || c.relname, a.attname) as sequence, c.relname as table, a.attname as column
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attidentity <> ''
    where c.relnamespace = 'couplet'::regnamespace and c.relname = any($1)`,
    [backedUpTables.map(({ name }) => name)],
  )
  const owned = rows.map(({ sequence, table, column }) => [sequence, table, column] as const)
  for (const [sequence, table, column] of [...owned, ['couplet.inbox_seq', 'inbox', 'seq'] as const]) {
    await client.query(
      `select setval('${sequence}', greatest((select max("${column}") from couplet.${table}), (select last_value from ${sequence})))`,
    )
  }
}

const invalid = (reason: string) => new SyncError('BACKUP_INVALID', `The backup cannot be used: ${reason}`)
