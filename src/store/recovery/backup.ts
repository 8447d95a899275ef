import type { Pool, PoolClient } from 'pg'
import { z } from 'zod'
import type { BackupHeader } from '../../core/ports/backup-store.ts'
import { present } from '../../lib/assert.ts'
import { listMigrations } from '../migrate.ts'
import { backedUpTables } from './backup-tables.ts'

const PAGE = 1_000

/** Rows travel as the text that Postgres makes of them, so that no number and no time passes through JavaScript. */
export async function* readBackup(pool: Pool, isSecret: (value: string) => boolean): AsyncGenerator<string> {
  const client = await pool.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    // Before the moment it reads is fixed, which a lock does not do: a restore that is at work would end after that
    // moment, and the tables it has emptied and filled would look empty.
    await client.query('lock table couplet.connection in access share mode')
    // A reader that is slow to take the lines must not lose the moment it reads.
    await client.query('set local idle_in_transaction_session_timeout = 0')
    yield JSON.stringify(await readHeader(client))
    for (const table of backedUpTables) yield* readTable(client, table, isSecret)
  } finally {
    client.release(true)
  }
}

async function readHeader(client: PoolClient): Promise<BackupHeader> {
  const { rows } = await client.query<{ at: string }>(
    `select to_char(statement_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at`,
  )
  const migration = present((await listMigrations()).at(-1), 'migration')
  return { couplet: 'backup', format: 1, migration, at: present(rows[0], 'clock').at }
}

async function* readTable(
  client: PoolClient,
  { name, instead = {} }: (typeof backedUpTables)[number],
  isSecret: (value: string) => boolean,
): AsyncGenerator<string> {
  const { rows: columns } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [`couplet.${name}`],
  )
  const names = columns.map((column) => column.name)
  yield JSON.stringify({ table: name, columns: names })
  const list = names.map((column) => `${instead[column] ?? `"${column}"`} as "${column}"`).join(', ')
  await client.query(
    `declare backup no scroll cursor for select row_to_json(r)::text as row from (select ${list} from couplet.${name}) as r`,
  )
  for (;;) {
    const { rows } = await client.query<{ row: string }>(`fetch ${PAGE} from backup`)
    for (const { row } of rows) yield `{"row":${name === 'connection' ? withoutSecrets(row, isSecret) : row}}`
    if (rows.length < PAGE) break
  }
  await client.query('close backup')
}

const ConnectionRow = z.looseObject({ name: z.string(), settings: z.record(z.string(), z.string()) })

/** Says itself what has to be set: a connection that misses a variable names it. */
function withoutSecrets(text: string, isSecret: (value: string) => boolean): string {
  const row = ConnectionRow.parse(JSON.parse(text))
  const settings = Object.entries(row.settings).map(([setting, value]) => {
    const variable = `COUPLET_${row.name}_${setting}`.toUpperCase().replace(/[^A-Z0-9]/g, '_')
    return [setting, isSecret(value) ? `env:${variable}` : value]
  })
  return JSON.stringify({ ...row, settings: Object.fromEntries(settings) })
}
