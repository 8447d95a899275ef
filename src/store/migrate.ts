import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Pool, PoolClient } from 'pg'
import { SyncError } from '../core/errors.ts'
import { translateDatabaseError } from './database-errors.ts'
import { describeServer } from './server-name.ts'

/** Beside this file, in the sources and in the build. */
const folder = fileURLToPath(new URL('./migrations/', import.meta.url))
const LOCK = 0x636f7570

/** Names of the migrations this version of the code has, in order. */
export async function listMigrations(): Promise<string[]> {
  const files = await readdir(folder)
  return files.filter((file) => file.endsWith('.sql')).sort()
}

/**
 * Applies what is missing, each migration in its own transaction, up to and including `last`; returns the names of
 * those applied. Processes that start at once wait for each other and find the work done.
 */
export async function migrate(pool: Pool, last?: string): Promise<string[]> {
  try {
    const client = await pool.connect()
    try {
      await client.query('select pg_advisory_lock($1)', [LOCK])
      return await applyMissing(client, last)
    } finally {
      // Ending the session frees the lock on every path, also when a migration has failed half way.
      client.release(true)
    }
  } catch (error) {
    throw translateDatabaseError(error, describeServer(pool.options))
  }
}

async function applyMissing(client: PoolClient, last: string | undefined): Promise<string[]> {
  const missing = await findMissing(client)
  // An account that may not create anything can work with what is complete.
  if (missing.length === 0) return []
  await client.query('create schema if not exists couplet')
  await client.query(`create table if not exists couplet.migration (
    name text primary key, applied_at timestamptz not null default now())`)
  const applied: string[] = []
  for (const name of missing) {
    if (last !== undefined && name > last) break
    const statements = await readFile(`${folder}${name}`, 'utf8')
    await client.query('begin')
    await client.query(statements)
    await client.query('insert into couplet.migration (name) values ($1)', [name])
    await client.query('commit')
    applied.push(name)
  }
  return applied
}

/** Throws SCHEMA_TOO_NEW when a newer version has been here: nobody knows what this one would spoil. */
async function findMissing(client: Pool | PoolClient): Promise<string[]> {
  const known = await listMigrations()
  const found = await client.query<{ exists: boolean }>(
    `select to_regclass('couplet.migration') is not null as exists`,
  )
  if (!found.rows[0]?.exists) return known
  const { rows } = await client.query<{ name: string }>('select name from couplet.migration order by name')
  const applied = rows.map(({ name }) => name)
  const unknown = applied.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new SyncError('SCHEMA_TOO_NEW', `The store was made by a newer version: ${unknown.join(', ')}`)
  }
  return known.filter((name) => !applied.includes(name))
}

/** Throws MIGRATION_NEEDED unless every migration of this version has been applied, SCHEMA_TOO_NEW if more have. */
export async function assertMigrated(pool: Pool): Promise<void> {
  const server = describeServer(pool.options)
  try {
    const missing = await findMissing(pool)
    if (missing.length === 0) return
    throw new SyncError('MIGRATION_NEEDED', `The store on ${server} lacks ${missing.join(', ')}`, {
      data: { server, missing: missing.join(', ') },
    })
  } catch (error) {
    throw translateDatabaseError(error, server)
  }
}
