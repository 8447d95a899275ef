import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { Pool } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { assertMigrated, listMigrations, migrate } from '../../src/store/migrate.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { openTestPool } from '../support/store.ts'
import { dumpSchema } from '../support/store-schema.ts'

const dump = new URL('../support/schema.sql', import.meta.url)

describe('migrations', () => {
  let database: TestDatabase
  let pool: Pool
  beforeEach(async () => {
    database = await createDatabase()
    pool = openTestPool(database.url)
  })
  afterEach(async () => {
    await pool.end()
    await database.drop()
  })

  it('are applied from empty one by one, and until the last one the store is refused', async () => {
    const names = await listMigrations()
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) {
      await expect(assertMigrated(pool)).rejects.toMatchObject({
        code: 'MIGRATION_NEEDED',
        message: expect.stringContaining(name),
      })
      expect(await migrate(pool, name)).toEqual([name])
    }
    await expect(assertMigrated(pool)).resolves.toBeUndefined()
    expect(await migrate(pool)).toEqual([])
  })

  it('are applied once when several processes start at once', async () => {
    const applied = await Promise.all([migrate(pool), migrate(pool), migrate(pool), migrate(pool)])
    expect(applied.flat()).toEqual(await listMigrations())
    await expect(assertMigrated(pool)).resolves.toBeUndefined()
  })

  it('leave nothing behind when one of them fails, and go on where they stopped', async () => {
    const [first, ...rest] = await listMigrations()
    await migrate(pool, first)
    await pool.query('create table couplet.outcome_default ()')
    await expect(migrate(pool)).rejects.toThrow(/outcome_default/)
    await pool.query('drop table couplet.outcome_default')
    expect(await migrate(pool)).toEqual(rest)
  })

  it('are not needed where they are complete: an account that may create nothing can work', async () => {
    await migrate(pool)
    const user = `reader_${randomUUID().slice(0, 8)}`
    await pool.query(`
      create role ${user} login password 'reader';
      grant usage on schema couplet to ${user}; grant select on all tables in schema couplet to ${user}`)
    const url = new URL(database.url)
    Object.assign(url, { username: user, password: 'reader' })
    const plain = openTestPool(url.href)
    expect(await migrate(plain)).toEqual([])
    await plain.end()
    await pool.query(`drop owned by ${user}; drop role ${user}`)
  })

  it('of a newer version are not worked with', async () => {
    await migrate(pool)
    await pool.query("insert into couplet.migration (name) values ('9999_later.sql')")
    const refusal = { code: 'SCHEMA_TOO_NEW', message: expect.stringContaining('9999_later.sql') }
    await expect(migrate(pool)).rejects.toMatchObject(refusal)
    await expect(assertMigrated(pool)).rejects.toMatchObject(refusal)
  })

  it('make the schema that was reviewed (UPDATE_SCHEMA=1 writes it anew)', async () => {
    await migrate(pool)
    const actual = await dumpSchema(pool)
    if (process.env['UPDATE_SCHEMA']) await writeFile(dump, actual)
    expect(actual).toBe(await readFile(dump, 'utf8'))
  })
})
