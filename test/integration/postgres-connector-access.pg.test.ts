import type { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { signal } from '../../src/connectors/contract/support.ts'
import { createPostgresConnector, type PostgresConnector } from '../../src/connectors/postgres/connector.ts'
import { connect } from '../contract/connector/postgres-harness.ts'
import { createDatabase, createReader, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let people: Client
let reader: Awaited<ReturnType<typeof createReader>>
let connector: PostgresConnector

beforeAll(async () => {
  database = await createDatabase()
  people = await connect(database.url)
  await people.query(`
    CREATE TABLE part (id int PRIMARY KEY, company text, name text);
    CREATE VIEW inner_part AS SELECT * FROM part WHERE company = 'A';
    CREATE VIEW outer_part AS SELECT id, name FROM inner_part`)
  reader = await createReader(people, database.url)
  const settings = { name: 'erp', urlSource: 'ERP_URL', schema: 'public', poolSize: 2, receipts: false }
  connector = createPostgresConnector({ ...settings, url: reader.url })
})
afterAll(async () => {
  await connector.close()
  await reader.drop()
  await people.end()
  await database.drop()
})

const accessOf = async (table: string) =>
  (await connector.openTable({ table, keyFields: ['id'] }, signal)).readAccess(signal)

describe('what a Postgres user may see', () => {
  let before: Readonly<Record<'part' | 'outer_part', string>>
  beforeEach(async () => {
    before = { part: await accessOf('part'), outer_part: await accessOf('outer_part') }
  })

  test('is the same after changes that hide nothing', async () => {
    await people.query(`
      INSERT INTO part VALUES (1, 'A', 'one'); ANALYZE part; CREATE INDEX ON part (name);
      ALTER TABLE part SET (fillfactor = 90); GRANT INSERT ON part TO ${reader.name};
      ALTER ROLE ${reader.name} SET work_mem = '8MB'; CREATE POLICY writers ON part FOR INSERT WITH CHECK (false)`)
    expect(await accessOf('part')).toBe(before.part)
    expect(await accessOf('outer_part')).toBe(before.outer_part)
  })

  test.each([
    ['a policy', `CREATE POLICY own ON part FOR SELECT USING (company = 'A')`],
    [
      'another condition of the policy',
      `ALTER POLICY own ON part USING (company = current_setting('app.company'))`,
    ],
    ['row security', 'ALTER TABLE part ENABLE ROW LEVEL SECURITY'],
    [
      'a table made anew',
      'DROP TABLE part CASCADE; CREATE TABLE part (id int PRIMARY KEY, company text, name text); GRANT SELECT ON part TO PUBLIC',
    ],
  ])('is another after %s', async (_what, change) => {
    await people.query(change)
    expect(await accessOf('part')).not.toBe(before.part)
  })
})

describe('what a Postgres user may see through views', () => {
  test.each([
    ['a policy of the table behind them', 'ALTER TABLE part ENABLE ROW LEVEL SECURITY'],
    [
      'another text of the view between',
      `CREATE OR REPLACE VIEW inner_part AS SELECT * FROM part WHERE company = 'B'`,
    ],
    ['a role of the user', `CREATE ROLE ROLE_OF_READER; GRANT ROLE_OF_READER TO READER`],
    ['a setting of the user that a policy may read', `ALTER ROLE READER SET app.company = 'B'`],
  ])('is another after %s', async (_what, change) => {
    await people.query(`DROP TABLE part CASCADE; CREATE TABLE part (id int PRIMARY KEY, company text, name text);
      CREATE VIEW inner_part AS SELECT * FROM part WHERE company = 'A';
      CREATE VIEW outer_part AS SELECT id, name FROM inner_part; GRANT SELECT ON outer_part TO ${reader.name}`)
    const before = await accessOf('outer_part')
    const role = `role_of_${reader.name}`
    await people.query(change.replaceAll('ROLE_OF_READER', role).replaceAll('READER', reader.name))
    expect(await accessOf('outer_part')).not.toBe(before)
    await people.query(`DROP ROLE IF EXISTS ${role}; ALTER ROLE ${reader.name} RESET ALL`)
  })
})
