import pg, { type Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { insertOf, numbers, readAll, recordOf, signal, write } from '../../src/connectors/contract/support.ts'
import { createPostgresConnector, type PostgresConnector } from '../../src/connectors/postgres/connector.ts'
import type { WriteOperation, WriteResult } from '../../src/core/ports/connector.ts'
import type { Value, Values } from '../../src/core/values/value.ts'
import { present } from '../../src/lib/assert.ts'
import { connect } from '../contract/connector/postgres-harness.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let people: Client
let connector: PostgresConnector

const settings = { name: 'erp', urlSource: 'ERP_URL', schema: 'public', poolSize: 3, receipts: true }

beforeAll(async () => {
  database = await createDatabase()
  people = await connect(database.url)
  connector = createPostgresConnector({ ...settings, url: database.url })
})
afterEach(() => {
  vi.restoreAllMocks()
})
afterAll(async () => {
  await connector?.close()
  await people?.end()
  await database?.drop()
})

async function countStatements(work: () => Promise<unknown>): Promise<number> {
  const spy = vi.spyOn(pg.Client.prototype, 'query')
  await work()
  return spy.mock.calls.length
}

function troubles(results: readonly WriteResult[]) {
  return results.filter((result) => result.status !== 'written')
}

describe('the number of statements of a page', () => {
  test('does not grow with the number of records, however different the fields they change', async () => {
    const fields = ['a', 'b', 'c', 'd', 'constructor']
    await people.query(`
      CREATE COLLATION ignoring_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE patchwork (id int PRIMARY KEY, a varchar(9), b smallint, c jsonb, d numeric(9,2), constructor text COLLATE ignoring_case);
      INSERT INTO patchwork SELECT x, 'old', 1, '{"old":1}', 1.5, 'old' FROM generate_series(1, 64) x`)
    const table = await connector.openTable({ table: 'patchwork' }, signal)
    const record = (...values: Value[]) =>
      Object.fromEntries<Value>(fields.map((name, index) => [name, values[index] ?? null]))
    const fresh = record('text:new', null, 'json:{"new":1}', 'dec:2', 'text:new')
    const stale = record('text:old', 'int:1', 'json:{"old":1}', 'dec:1.5', 'text:old')
    const records = await readAll(table)
    const isGiven = (index: number, bit: number) => (index & (1 << bit)) !== 0
    const operations = records.map(({ key, version }, index): WriteOperation => {
      const given = fields.filter((_, bit) => isGiven(index, bit))
      const values = Object.fromEntries(given.map((name) => [name, fresh[name] ?? null]))
      return { kind: 'update', key, expectedVersion: version, values }
    })
    let results: readonly WriteResult[] = []
    const statements = await countStatements(async () => {
      results = await write(table, operations, fields)
    })
    expect(statements).toBeLessThan(12)
    results.forEach((result, index) => {
      const expected = { ...stale, ...valuesOf(present(operations[index], 'operation')) }
      expect(recordOf(result).values).toEqual(expected)
      if (index % 32 === 0) expect(recordOf(result).version).toBe(records[index]?.version)
    })
  })

  test('P6: grows by a few when a trigger skips one record of many', async () => {
    await people.query(`
      CREATE TABLE choosy (id text PRIMARY KEY, name text);
      CREATE FUNCTION choose() RETURNS trigger LANGUAGE plpgsql AS $f$
      BEGIN IF NEW.name = 'ghost' THEN RETURN NULL; END IF; RETURN NEW; END $f$;
      CREATE TRIGGER choose BEFORE INSERT ON choosy FOR EACH ROW EXECUTE FUNCTION choose()`)
    const table = await connector.openTable({ table: 'choosy' }, signal)
    const operations = numbers(500).map((id, index) =>
      insertOf({ id: `text:${id}`, name: index === 250 ? 'text:ghost' : 'text:fine' }, `text:${id}`),
    )
    let results: readonly WriteResult[] = []
    const statements = await countStatements(async () => {
      results = await write(table, operations)
    })
    expect(statements).toBeLessThan(120)
    expect(troubles(results)).toMatchObject([{ status: 'rejected', problem: { code: 'INSERT_FAILED' } }])
  })
})

describe('P6: somebody who keeps a lock', () => {
  test.each(['insert', 'update'] as const)(
    'on a referenced record puts off the one %s that needs it, alone',
    async (kind) => {
      const [company, contact] = [`company_${kind}`, `contact_${kind}`]
      await people.query(`
        CREATE TABLE ${company} (id text PRIMARY KEY); INSERT INTO ${company} VALUES ('held'), ('free');
        CREATE TABLE ${contact} (id text PRIMARY KEY, company text REFERENCES ${company});
        INSERT INTO ${contact} SELECT to_char(x, 'FM000'), NULL FROM generate_series(1, 20) x WHERE '${kind}' = 'update'`)
      const impatient = createPostgresConnector({ ...settings, url: database.url, maxServerRunMs: 400 })
      const table = await impatient.openTable({ table: contact }, signal)
      const versions = new Map((await readAll(table)).map((record) => [record.key, record.version]))
      const other = await connect(database.url)
      await other.query(`BEGIN; SELECT FROM ${company} WHERE id = 'held' FOR UPDATE`)
      const operations = numbers(20).map((id, index): WriteOperation => {
        const key = `text:${id}`
        const values = { company: index === 7 ? 'text:held' : 'text:free' } as const
        return kind === 'insert'
          ? insertOf({ id: `text:${id}`, ...values }, key)
          : { kind, key, expectedVersion: versions.get(key) ?? '', values }
      })
      const results = await write(table, operations)
      await other.query('ROLLBACK')
      await other.end()
      expect(troubles(results)).toEqual([{ status: 'locked' }])
      expect(results[7]).toEqual({ status: 'locked' })
      expect(await write(table, operations.slice(7, 8))).toMatchObject([{ status: 'written' }])
      await impatient.close()
    },
  )

  test('on the key of a record that the table numbers itself leaves no receipt behind', async () => {
    await people.query('CREATE TABLE numbered (id bigserial PRIMARY KEY, email text UNIQUE)')
    const impatient = createPostgresConnector({ ...settings, url: database.url, maxServerRunMs: 400 })
    const table = await impatient.openTable({ table: 'numbered' }, signal)
    const other = await connect(database.url)
    await other.query(`BEGIN; INSERT INTO numbered (email) VALUES ('held')`)
    const operations = ['free', 'held'].map((email) =>
      insertOf({ email: `text:${email}` }, null, `numbered ${email}`),
    )
    expect(await write(table, operations)).toMatchObject([{ status: 'written' }, { status: 'locked' }])
    await other.query('ROLLBACK')
    await other.end()
    expect(await write(table, operations)).toMatchObject([{ status: 'exists' }, { status: 'written' }])
    await impatient.close()
  })
})

describe('P6: a trigger that refuses a record', () => {
  test.each(['42501', '0A000', '55000'])(
    'with the code %s of a system error refuses it alone',
    async (code) => {
      await people.query(`
      CREATE TABLE posted_${code} (id int PRIMARY KEY, name text);
      CREATE FUNCTION refuse_${code}() RETURNS trigger LANGUAGE plpgsql AS $f$
      BEGIN
        IF NEW.name = 'posted' THEN RAISE EXCEPTION 'posted documents stay as they are' USING ERRCODE = '${code}'; END IF;
        RETURN NEW;
      END $f$;
      CREATE TRIGGER refuse BEFORE INSERT ON posted_${code} FOR EACH ROW EXECUTE FUNCTION refuse_${code}()`)
      const table = await connector.openTable({ table: `posted_${code.toLowerCase()}` }, signal)
      const operations = ['open', 'posted'].map((name, id) => insertOf({ name: `text:${name}` }, `int:${id}`))
      expect(await write(table, operations)).toMatchObject([
        { status: 'written' },
        {
          status: 'rejected',
          problem: { code: 'VALUE_REFUSED', message: expect.stringContaining('stay as they are') },
        },
      ])
    },
  )

  test('a trigger that is not allowed to work at all fails the request, not every record', async () => {
    await people.query(`
      CREATE TABLE broken (id int PRIMARY KEY);
      CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM no_such_function(); RETURN NEW; END $f$;
      CREATE TRIGGER broken BEFORE INSERT ON broken FOR EACH ROW EXECUTE FUNCTION broken()`)
    const table = await connector.openTable({ table: 'broken' }, signal)
    await expect(write(table, [insertOf({}, 'int:1')])).rejects.toThrow('no_such_function')
  })
})

describe('deleting', () => {
  test('a record that others refer to stays, and harms no other', async () => {
    await people.query(`
      CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (parent int REFERENCES parent);
      INSERT INTO parent SELECT x FROM generate_series(1, 40) x; INSERT INTO child VALUES (7)`)
    const table = await connector.openTable({ table: 'parent' }, signal)
    const operations = (await readAll(table)).map(
      ({ key, version }): WriteOperation => ({ kind: 'delete', key, expectedVersion: version }),
    )
    const results = await write(table, operations)
    expect(results[6]).toMatchObject({ status: 'rejected', problem: { code: 'DELETE_FAILED' } })
    expect(results.filter(({ status }) => status === 'deleted')).toHaveLength(39)
    expect((await readAll(table)).map(({ key }) => key)).toEqual(['int:7'])
  })
})

function valuesOf(operation: WriteOperation): Values {
  return operation.kind === 'delete' ? {} : operation.values
}
