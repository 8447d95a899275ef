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

  it('make the schema that was reviewed (UPDATE_SCHEMA=1 writes it anew)', async () => {
    await migrate(pool)
    const actual = await dumpSchema(pool)
    if (process.env['UPDATE_SCHEMA']) await writeFile(dump, actual)
    expect(actual).toBe(await readFile(dump, 'utf8'))
  })
})
