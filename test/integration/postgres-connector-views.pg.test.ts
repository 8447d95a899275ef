import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertOf, readAll, recordOf, signal, write } from '../../src/connectors/contract/support.ts'
import { createPostgresConnector, type PostgresConnector } from '../../src/connectors/postgres/connector.ts'
import type { ConnectedTable } from '../../src/core/ports/connector.ts'
import { connect } from '../contract/connector/postgres-harness.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let people: Client
let connector: PostgresConnector

beforeAll(async () => {
  database = await createDatabase()
  people = await connect(database.url)
  connector = createPostgresConnector({
    name: 'erp',
    url: database.url,
    urlSource: 'ERP_URL',
    schema: 'public',
    poolSize: 3,
    receipts: true,
  })
})
afterAll(async () => {
  await connector?.close()
  await people?.end()
  await database?.drop()
})

const openById = (table: string) => connector.openTable({ table, keyFields: ['id'] }, signal)

async function createsOnceAndUpdates(table: ConnectedTable): Promise<void> {
  const [created] = await write(table, [insertOf({ id: 'int:7', name: 'text:a' }, 'int:7')], ['name'])
  expect(created).toMatchObject({ status: 'written', record: { values: { name: 'text:a' } } })
  const again = ['int:7', 'int:8', 'int:8'].map((key) => insertOf({ name: 'text:b' }, key))
  expect((await write(table, again)).map((result) => result.status)).toEqual(['exists', 'written', 'exists'])
  const [record] = await readAll(table)
  const update = { kind: 'update', key: 'int:7', values: { name: 'text:c' } } as const
  const stale = { ...update, expectedVersion: 'of another time' }
  expect(await write(table, [stale])).toEqual([{ status: 'version-mismatch' }])
  const [updated] = await write(table, [{ ...update, expectedVersion: record?.version ?? '' }], ['name'])
  expect(recordOf(updated).values).toEqual({ name: 'text:c' })
  const after = await readAll(table, ['name'])
  expect(after.map(({ key, values }) => [key, values['name']])).toEqual([
    ['int:7', 'text:c'],
    ['int:8', 'text:b'],
  ])
}

describe('a table without ON CONFLICT creates a record once, and updates it on its version', () => {
  test('a foreign table', async () => {
    const { username, password, hostname, port, pathname } = new URL(database.url)
    await people.query(`
      CREATE EXTENSION postgres_fdw; CREATE TABLE far (id int PRIMARY KEY, name text);
      CREATE SERVER self FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '${hostname}', port '${port}', dbname '${pathname.slice(1)}');
      CREATE USER MAPPING FOR CURRENT_USER SERVER self OPTIONS (user '${username}', password '${password || 'none'}');
      CREATE FOREIGN TABLE near (id int, name text) SERVER self OPTIONS (table_name 'far')`)
    await expect(connector.openTable({ table: 'near' }, signal)).rejects.toMatchObject({
      code: 'KEY_NOT_FOUND',
    })
    await createsOnceAndUpdates(await openById('near'))
  })

  test('a view with INSTEAD OF triggers', async () => {
    await people.query(`
      CREATE TABLE below (id int PRIMARY KEY, name text, inner_name text);
      CREATE VIEW above AS SELECT id, coalesce(name, inner_name) AS name FROM below;
      CREATE FUNCTION carry() RETURNS trigger LANGUAGE plpgsql AS $f$
      BEGIN
        IF TG_OP = 'INSERT' THEN INSERT INTO below VALUES (NEW.id, NEW.name);
        ELSE UPDATE below SET name = NEW.name WHERE id = OLD.id; END IF;
        RETURN NEW;
      END $f$;
      CREATE TRIGGER carry INSTEAD OF INSERT OR UPDATE ON above FOR EACH ROW EXECUTE FUNCTION carry()`)
    await createsOnceAndUpdates(await openById('above'))
  })

  test('a table with a rule that writes a log, also when somebody else takes the key', async () => {
    await people.query(`
      CREATE TABLE logged (id int PRIMARY KEY, name text); CREATE TABLE log (id int);
      CREATE RULE log AS ON INSERT TO logged DO ALSO INSERT INTO log VALUES (NEW.id)`)
    const table = await connector.openTable({ table: 'logged' }, signal)
    await createsOnceAndUpdates(table)
    const other = await connect(database.url)
    await other.query(`BEGIN; INSERT INTO logged VALUES (9, 'theirs')`)
    const ours = write(table, [insertOf({ name: 'text:ours' }, 'int:9')], ['name'])
    await expect
      .poll(async () => {
        const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
        return (await people.query(sql)).rowCount
      })
      .toBe(1)
    await other.query('COMMIT')
    await other.end()
    expect(await ours).toMatchObject([{ status: 'exists', record: { values: { name: 'text:theirs' } } }])
  })

  test('a rule that returns nothing, or a key that is computed, is said once and for all', async () => {
    await people.query(`
      CREATE TABLE diverted (id int PRIMARY KEY); CREATE RULE divert AS ON INSERT TO diverted DO INSTEAD NOTHING;
      CREATE TABLE computed (no int, id int GENERATED ALWAYS AS (no + 1) STORED PRIMARY KEY)`)
    for (const name of ['diverted', 'computed']) {
      const table = await connector.openTable({ table: name }, signal)
      await expect(write(table, [insertOf({}, 'int:1')])).rejects.toMatchObject({ code: 'TABLE_NOT_USABLE' })
    }
  })
})

describe('the key fields of a view', () => {
  const unusable = { code: 'KEY_NOT_FOUND', kind: 'config' }

  test.each([1, 2, 1_000])(
    'that are null in some record: it is not passed over (pages of %i)',
    async (limit) => {
      const view = `nullable_${limit}`
      await people.query(
        `CREATE VIEW ${view} AS SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (NULL, 'c')) AS v (id, name)`,
      )
      const table = await openById(view)
      await expect(readAll(table, ['name'], null, limit)).rejects.toMatchObject(unusable)
      await expect(readAll(table, ['name'], null, limit)).rejects.toThrow('key field id is null')
      const filter = { op: '<>', field: 'name', value: 'text:c' } as const
      expect(await readAll(table, ['name'], filter, limit)).toHaveLength(2)
    },
  )

  test('that do not tell records apart: it is said', async () => {
    await people.query(`CREATE VIEW twins AS SELECT 1 AS id, x AS name FROM generate_series(1, 2) AS x`)
    await expect(readAll(await openById('twins'))).rejects.toThrow('several records with the key 1')
  })
})
