import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAll, signal, write } from '../../src/connectors/contract/support.ts'
import { createPostgresConnector, type PostgresConnector } from '../../src/connectors/postgres/connector.ts'
import type { WriteOperation } from '../../src/core/ports/connector.ts'
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

describe('the schema of a Postgres table', () => {
  test('has the types of the columns behind their domains, and leaves out what it cannot read', async () => {
    await people.query(`
      CREATE DOMAIN code_10 AS varchar(10); CREATE DOMAIN special_code AS code_10 CHECK (VALUE <> 'x');
      CREATE DOMAIN amount AS numeric(18,2) DEFAULT 0 NOT NULL; CREATE TYPE colour AS ENUM ('red', 'dark blue');
      CREATE TABLE every_type (
        "No." code_10 PRIMARY KEY, special special_code, plain varchar(30), endless text, fixed char(5),
        small smallint, whole int, large bigint, exact numeric(18,5), free numeric, price amount, rough double precision,
        yes boolean, day date, hour time(3), instant timestamptz, moment timestamp(0), id uuid, j json, jb jsonb, raw bytea,
        colour colour, place point, tags text[],
        doubled int GENERATED ALWAYS AS (whole * 2) STORED, counter int GENERATED ALWAYS AS IDENTITY)`)
    const { schema } = await connector.openTable({ table: 'every_type' }, signal)
    const types = Object.fromEntries([...schema.fields].map(([name, field]) => [name, field.type]))
    expect(types).toEqual({
      'No.': { kind: 'code', maxLength: 10 },
      special: { kind: 'code', maxLength: 10 },
      plain: { kind: 'text', maxLength: 30 },
      endless: { kind: 'text', maxLength: null },
      fixed: { kind: 'text', maxLength: 5 },
      small: { kind: 'integer', bits: 16 },
      whole: { kind: 'integer', bits: 32 },
      large: { kind: 'integer', bits: 64 },
      exact: { kind: 'decimal', precision: 18, scale: 5 },
      free: { kind: 'decimal', precision: null, scale: null },
      price: { kind: 'decimal', precision: 18, scale: 2 },
      rough: { kind: 'decimal', precision: null, scale: null },
      yes: { kind: 'boolean' },
      day: { kind: 'date' },
      hour: { kind: 'time' },
      instant: { kind: 'instant' },
      moment: { kind: 'moment' },
      id: { kind: 'uuid' },
      j: { kind: 'json' },
      jb: { kind: 'json' },
      raw: { kind: 'bytes' },
      colour: { kind: 'text', maxLength: null },
      doubled: { kind: 'integer', bits: 32 },
      counter: { kind: 'integer', bits: 32 },
    })
    expect(schema.table).toBe('public.every_type')
    expect(schema.fields.get('price')).toMatchObject({ nullable: false, hasDefault: true, writable: true })
    expect(schema.fields.get('doubled')).toMatchObject({ writable: false })
    expect(schema.fields.get('counter')).toMatchObject({ writable: false, hasDefault: true })
    expect(schema.estimatedRows).toBe(0)
    const table = await connector.openTable({ table: 'every_type' }, signal)
    await expect(readAll(table, ['place'])).rejects.toMatchObject({
      code: 'FIELD_NOT_FOUND',
      message: expect.stringContaining('type point, which is not supported'),
    })
    const doubled = { kind: 'insert', token: 't', key: 'text:1', values: { doubled: 'int:2' } } as const
    await expect(write(table, [doubled])).rejects.toMatchObject({
      code: 'FIELD_NOT_FOUND',
      message: expect.stringContaining('"doubled" cannot be written'),
    })
  })

  test('values of enums, floats, padded and narrow columns are written and found', async () => {
    await people.query(`
      CREATE TYPE size AS ENUM ('small', 'very large');
      CREATE TABLE odd (k char(6) PRIMARY KEY, size size, rough double precision, small smallint, j json)`)
    const table = await connector.openTable({ table: 'odd' }, signal)
    const fields = ['k', 'size', 'rough', 'small', 'j']
    const values = {
      k: 'text:ab',
      size: 'text:very large',
      rough: 'dec:0.1',
      small: 'int:7',
      j: 'json:{"a":1}',
    } as const
    const results = await write(
      table,
      [
        { kind: 'insert', token: 'a', key: 'text:ab', values },
        { kind: 'insert', token: 'b', key: 'text:b', values: { k: 'text:b', small: 'int:99999' } },
        { kind: 'insert', token: 'c', key: 'text:c', values: { k: 'text:c', size: 'text:huge' } },
        {
          kind: 'insert',
          token: 'd',
          key: 'text:d',
          values: { k: 'text:d', small: 'int:99999999999999999999' },
        },
      ],
      fields,
    )
    expect(results).toMatchObject([
      { status: 'written', record: { key: 'text:ab', values } },
      { status: 'rejected', problem: { code: 'VALUE_NOT_CONVERTIBLE', field: 'small', value: '99999' } },
      { status: 'rejected', problem: { code: 'VALUE_NOT_CONVERTIBLE', field: 'size', value: 'huge' } },
      { status: 'rejected', problem: { code: 'VALUE_NOT_CONVERTIBLE', field: 'small' } },
    ])
    for (const field of ['k', 'size', 'rough', 'small'] as const) {
      const found = await readAll(table, [], { field, op: '=', value: values[field] })
      expect(found.map((record) => record.key)).toEqual(['text:ab'])
    }
    expect((await table.readByKeys(['text:ab'], [], signal)).size).toBe(1)
  })

  test('names are looked up in the search schema, or given with their schema, capitals and dots included', async () => {
    await people.query(`
      CREATE SCHEMA "Sales.Org"; CREATE TABLE "Sales.Org"."Cust.""x" (id int PRIMARY KEY);
      CREATE SCHEMA crm; CREATE TABLE crm.account (id uuid PRIMARY KEY);
      CREATE TABLE "CRONUS$Customer" (id int PRIMARY KEY); CREATE TABLE "a.b" (id int PRIMARY KEY)`)
    const open = async (table: string) => (await connector.openTable({ table }, signal)).schema.table
    expect(await open('CRONUS$Customer')).toBe('public.CRONUS$Customer')
    expect(await open('public.CRONUS$Customer')).toBe('public.CRONUS$Customer')
    expect(await open('"CRONUS$Customer"')).toBe('public.CRONUS$Customer')
    expect(await open('a.b')).toBe('public."a.b"')
    expect(await open('public."a.b"')).toBe('public."a.b"')
    expect(await open('crm.account')).toBe('crm.account')
    expect(await open('"Sales.Org"."Cust.""x"')).toBe('"Sales.Org"."Cust.""x"')
    const names = await connector.listTables(signal)
    expect(names).toEqual(
      expect.arrayContaining(['CRONUS$Customer', 'a.b', 'crm.account', '"Sales.Org"."Cust.""x"']),
    )
    for (const name of names) {
      if (!name.startsWith('view')) expect(await open(name)).toBeTruthy()
    }
    await expect(open('cronus$customer')).rejects.toMatchObject({
      code: 'TABLE_NOT_FOUND',
      message: expect.stringContaining('did you mean public.CRONUS$Customer?'),
    })
  })

  test('the key is the primary key, or named fields with a unique index that are never null', async () => {
    await people.query(`
      CREATE TABLE keyless (a int NOT NULL, b int NOT NULL, c int UNIQUE, d int NOT NULL, UNIQUE (b, a));
      CREATE UNIQUE INDEX ON keyless (d) WHERE d > 0;
      CREATE TABLE late_key (a int PRIMARY KEY DEFERRABLE)`)
    const open = async (table: string, ...keyFields: string[]) =>
      (await connector.openTable({ table, ...(keyFields.length ? { keyFields } : {}) }, signal)).schema
        .keyFields
    expect(await open('keyless', 'a', 'b')).toEqual(['a', 'b'])
    await expect(open('keyless')).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' })
    await expect(open('keyless', 'a')).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' })
    await expect(open('keyless', 'd')).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' })
    await expect(open('late_key')).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' })
    await expect(open('keyless', 'c')).rejects.toMatchObject({
      code: 'KEY_NOT_FOUND',
      message: expect.stringContaining('lets key field c be null'),
    })
  })

  test('how records are created follows from the key: given, or made by a sequence or a function', async () => {
    await people.query(`
      CREATE SEQUENCE numbers; CREATE FUNCTION next_number() RETURNS text LANGUAGE sql VOLATILE
        AS $f$ SELECT 'C' || nextval('numbers') $f$;
      CREATE TABLE k_uuid (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
      CREATE TABLE k_constant (a text DEFAULT '', b int, PRIMARY KEY (a, b));
      CREATE TABLE k_serial (id serial PRIMARY KEY);
      CREATE TABLE k_always (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
      CREATE TABLE k_default (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY);
      CREATE TABLE k_function (id text PRIMARY KEY DEFAULT next_number());
      CREATE TABLE k_mixed (company text, id serial, PRIMARY KEY (company, id))`)
    const unguarded = createPostgresConnector({
      name: 'x',
      url: database.url,
      urlSource: 'X_URL',
      schema: 'public',
      poolSize: 1,
      receipts: false,
    })
    const creation = async (table: string, by = connector) =>
      (await by.openTable({ table }, signal)).schema.creation
    expect(await creation('k_uuid')).toBe('given')
    expect(await creation('k_constant')).toBe('given')
    for (const table of ['k_serial', 'k_always', 'k_default', 'k_function', 'k_mixed']) {
      expect(await creation(table)).toBe('receipt')
      expect(await creation(table, unguarded)).toBe('unsafe')
    }
    const serial = await unguarded.openTable({ table: 'k_serial' }, signal)
    expect(await write(serial, [{ kind: 'insert', token: 't', key: null, values: {} }])).toMatchObject([
      { status: 'rejected', problem: { code: 'CREATE_NOT_IDEMPOTENT', kind: 'config' } },
    ])
    expect(await readAll(serial)).toEqual([])
    const risky = await unguarded.openTable({ table: 'k_serial', acceptDuplicateRisk: true }, signal)
    for (let time = 1; time <= 2; time += 1) {
      expect(await write(risky, [{ kind: 'insert', token: 't', key: null, values: {} }])).toMatchObject([
        { status: 'written' },
      ])
    }
    expect(await readAll(risky)).toHaveLength(2)
    await unguarded.close()
    for (const table of ['k_always', 'k_default', 'k_function']) {
      const opened = await connector.openTable({ table }, signal)
      const operation = { kind: 'insert', token: table, key: null, values: {} } as const
      expect(await write(opened, [operation])).toMatchObject([{ status: 'written' }])
      expect(await write(opened, [operation])).toMatchObject([{ status: 'exists' }])
    }
    const mixed = await connector.openTable({ table: 'k_mixed' }, signal)
    const operation = { kind: 'insert', token: 'mixed', key: null, values: { company: 'text:C|1' } } as const
    expect(await write(mixed, [operation])).toMatchObject([
      { status: 'written', record: { key: 'text:C\\|1|int:1' } },
    ])
  })

  test('a user who may neither create nor use the table of receipts keeps none, and that is known before any write', async () => {
    const role = `receipts_${new URL(database.url).pathname.slice(6)}`
    await people.query(`
      CREATE SCHEMA walled; CREATE TABLE walled.numbered (id serial PRIMARY KEY, name text);
      CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA walled TO ${role};
      GRANT ALL ON ALL TABLES IN SCHEMA walled TO ${role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA walled TO ${role}`)
    const url = new URL(database.url)
    url.username = role
    url.password = 'x'
    const limited = createPostgresConnector({
      name: 'x',
      url: url.href,
      urlSource: 'X_URL',
      schema: 'walled',
      poolSize: 1,
      receipts: true,
    })
    const operation = { kind: 'insert', token: 't', key: null, values: { name: 'text:a' } } as const
    const refusing = await limited.openTable({ table: 'numbered' }, signal)
    expect(refusing.schema.creation).toBe('unsafe')
    expect(await write(refusing, [operation])).toMatchObject([
      { status: 'rejected', problem: { message: expect.stringContaining(`${role} may not create or use`) } },
    ])
    const given = await limited.openTable({ table: 'numbered' }, signal)
    expect(await write(given, [{ ...operation, key: 'int:900' }])).toMatchObject([{ status: 'written' }])
    await people.query(`
      CREATE TABLE walled.couplet_receipt (token text PRIMARY KEY, table_name text NOT NULL, record_key text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now());
      GRANT SELECT, INSERT, UPDATE, DELETE ON walled.couplet_receipt TO ${role}`)
    const table = await limited.openTable({ table: 'numbered' }, signal)
    expect(table.schema.creation).toBe('receipt')
    expect(await write(table, [operation])).toMatchObject([{ status: 'written' }])
    expect(await write(table, [operation])).toMatchObject([{ status: 'exists' }])
    await limited.close()
    await people.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  })

  test('a small table that was never analysed is counted; statistics serve for the others', async () => {
    await people.query(
      'CREATE TABLE counted AS SELECT g AS id FROM generate_series(1, 321) g; ALTER TABLE counted ADD PRIMARY KEY (id)',
    )
    const rows = async () => (await connector.openTable({ table: 'counted' }, signal)).schema.estimatedRows
    expect(await rows()).toBe(321)
    await people.query('ANALYZE counted')
    expect(await rows()).toBe(321)
  })
})

describe('versions', () => {
  const insert = {
    kind: 'insert',
    token: 't',
    key: 'int:1',
    values: { id: 'int:1', name: 'text:a' },
  } as const

  test('an AFTER trigger that updates the row again makes a version the answer does not have', async () => {
    await people.query(`
      CREATE TABLE after_trigger (id int PRIMARY KEY, name text, total int DEFAULT 0);
      CREATE FUNCTION add_up() RETURNS trigger LANGUAGE plpgsql AS $f$
      BEGIN UPDATE after_trigger SET total = total + 1 WHERE id = NEW.id; RETURN NULL; END $f$;
      CREATE TRIGGER add_up AFTER INSERT OR UPDATE OF name ON after_trigger FOR EACH ROW EXECUTE FUNCTION add_up()`)
    const table = await connector.openTable({ table: 'after_trigger' }, signal)
    const [result] = await write(table, [insert], ['total'])
    const [read] = await readAll(table, ['total'])
    expect(result).toMatchObject({ status: 'written', record: { values: { total: 'int:0' } } })
    expect(read?.values).toEqual({ total: 'int:1' })
    const answered = result?.status === 'written' ? result.record.version : ''
    expect(read?.version).not.toBe(answered)
    const stale = {
      kind: 'update',
      key: 'int:1',
      expectedVersion: answered,
      values: { name: 'text:b' },
    } as const
    expect(await write(table, [stale])).toEqual([{ status: 'version-mismatch' }])
  })

  test('a version column serves where there is one', async () => {
    await people.query(
      'CREATE TABLE versioned (id int PRIMARY KEY, name text, version int NOT NULL DEFAULT 1)',
    )
    await people.query(`INSERT INTO versioned VALUES (1, 'a', 7)`)
    const table = await connector.openTable({ table: 'versioned', versionField: 'version' }, signal)
    expect(table.schema.exactVersions).toBe(true)
    expect(await readAll(table)).toMatchObject([{ version: '7' }])
    await people.query('UPDATE versioned SET version = 8')
    const stale = { kind: 'update', key: 'int:1', expectedVersion: '7', values: { name: 'text:b' } } as const
    expect(await write(table, [stale])).toEqual([{ status: 'version-mismatch' }])
    expect(await write(table, [{ ...stale, expectedVersion: '8' }])).toMatchObject([{ status: 'written' }])
  })

  test('a view has no version of its own: its rows are hashed, and it can be written where Postgres can', async () => {
    await people.query(`
      CREATE TABLE viewed (id int PRIMARY KEY, name text, t text, hidden int DEFAULT 1);
      INSERT INTO viewed VALUES (1, 'a', 'x'), (2, 'b', NULL);
      CREATE VIEW view_simple AS SELECT id, name, t FROM viewed;
      CREATE VIEW view_sum AS SELECT name, count(*) AS n FROM viewed GROUP BY name`)
    await expect(connector.openTable({ table: 'view_simple' }, signal)).rejects.toMatchObject({
      code: 'KEY_NOT_FOUND',
    })
    const table = await connector.openTable({ table: 'view_simple', keyFields: ['id'] }, signal)
    expect(table.schema).toMatchObject({ exactVersions: false, creation: 'given', estimatedRows: null })
    const [first, second] = await readAll(table, ['name'])
    const update = {
      kind: 'update',
      key: 'int:1',
      expectedVersion: first?.version ?? '',
      values: { name: 'text:z' },
    } as const
    const results = await write(
      table,
      [update, { ...insert, key: 'int:3', values: { name: 'text:c' } }, insert],
      ['name'],
    )
    expect(results).toMatchObject([
      { status: 'written', record: { key: 'int:1', values: { name: 'text:z' } } },
      { status: 'written', record: { key: 'int:3', values: { name: 'text:c' } } },
      { status: 'exists', record: { key: 'int:1' } },
    ])
    const after = await readAll(table, [])
    expect(after[1]?.version).toBe(second?.version)
    expect(after[0]?.version).toBe(results[0]?.status === 'written' ? results[0].record.version : '')
    expect(await write(table, [update])).toEqual([{ status: 'version-mismatch' }])
    const sum = await connector.openTable({ table: 'view_sum', keyFields: ['name'] }, signal)
    expect(sum.schema.fields.get('n')?.writable).toBe(false)
    expect(await readAll(sum, ['n'])).toHaveLength(3)
  })

  test('a partitioned table is hashed, too', async () => {
    await people.query(`
      CREATE TABLE parted (id int PRIMARY KEY, name text) PARTITION BY RANGE (id);
      CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
      CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20)`)
    const table = await connector.openTable({ table: 'parted' }, signal)
    const both: WriteOperation[] = [insert, { ...insert, key: 'int:11', values: { name: 'text:b' } }]
    expect(await write(table, both)).toMatchObject([{ status: 'written' }, { status: 'written' }])
    expect(await write(table, both)).toMatchObject([{ status: 'exists' }, { status: 'exists' }])
    const [record] = await readAll(table)
    const update = {
      kind: 'update',
      key: 'int:1',
      expectedVersion: record?.version ?? '',
      values: { name: 'text:z' },
    } as const
    expect(await write(table, [update])).toMatchObject([{ status: 'written' }])
    expect(await write(table, [update])).toEqual([{ status: 'version-mismatch' }])
  })
})
