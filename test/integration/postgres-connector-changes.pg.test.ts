import pg, { type Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { readAll, readPass, signal } from '../../src/connectors/contract/support.ts'
import { createPostgresConnector, type PostgresConnector } from '../../src/connectors/postgres/connector.ts'
import type { ConnectedTable } from '../../src/core/ports/connector.ts'
import { connect } from '../contract/connector/postgres-harness.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let people: Client
let connector: PostgresConnector

const settings = {
  name: 'erp',
  urlSource: 'ERP_URL',
  schema: 'public',
  poolSize: 3,
  receipts: true,
  overlapMs: 0,
}

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

const open = (table: string, by = connector): Promise<ConnectedTable> =>
  by.openTable({ table, modifiedField: 'modified' }, signal)

describe('a time without zone', () => {
  test.each([
    ['UTC', `now() AT TIME ZONE 'UTC'`],
    ['the zone of the server', 'LOCALTIMESTAMP'],
  ])('in %s: a late commit is not lost, whichever side of UTC the server is on', async (_name, now) => {
    for (const zone of ['UTC', 'America/New_York', 'Asia/Kolkata']) {
      const place = await createDatabase()
      await people.query(`ALTER DATABASE ${new URL(place.url).pathname.slice(1)} SET timezone = '${zone}'`)
      const [writer, late] = [new pg.Client(place.url), new pg.Client(place.url)]
      await Promise.all([writer.connect(), late.connect()])
      await writer.query('CREATE TABLE zoned (id int PRIMARY KEY, modified timestamp)')
      const local = createPostgresConnector({ ...settings, url: place.url })
      const table = await open('zoned', local)
      await late.query(`BEGIN; INSERT INTO zoned VALUES (1, ${now})`)
      await writer.query(`INSERT INTO zoned VALUES (2, ${now}), (3, ${now})`)
      const pass = await readPass(table, { limit: 1 })
      expect(pass.keys).toEqual(['int:2', 'int:3'])
      await late.query('COMMIT')
      expect((await readPass(table, { watermark: pass.watermark })).keys).toContain('int:1')
      await Promise.all([writer.end(), late.end(), local.close()])
      await place.drop()
    }
  })
})

describe('changes in a Postgres table', () => {
  test('a date of change: all of its last day is read again', async () => {
    await people.query(`
      CREATE TABLE dated (id int PRIMARY KEY, modified date);
      INSERT INTO dated VALUES (1, '2024-01-01'), (2, current_date)`)
    const table = await open('dated')
    const first = await readPass(table, { limit: 1 })
    expect(first.keys).toEqual(['int:1', 'int:2'])
    expect(first.pages[0]?.records[0]?.modifiedAt).toBe('2024-01-01T00:00:00.000000')
    await people.query('INSERT INTO dated VALUES (3, current_date)')
    const second = await readPass(table, { watermark: first.watermark })
    expect(second.keys).toEqual(expect.arrayContaining(['int:3']))
    expect(second.keys).not.toContain('int:1')
  })

  test('times without end, before Christ and far in the future are read and lose nobody else', async () => {
    await people.query(`
      CREATE TABLE extreme (id int PRIMARY KEY, modified timestamptz);
      INSERT INTO extreme VALUES (1, 'infinity'), (2, '-infinity'), (3, '0044-03-15 BC'), (4, '12345-06-07'), (5, '2024-01-01'), (6, null)`)
    const table = await open('extreme')
    const all = [1, 2, 3, 4, 5, 6].map((id) => `int:${id}`)
    for (const limit of [1, 2, 10]) {
      const pass = await readPass(table, { limit })
      expect([...pass.keys].sort()).toEqual(all)
      expect(pass.keys.at(-1)).toBe('int:1')
    }
    const { watermark } = await readPass(table, { limit: 1 })
    await people.query('INSERT INTO extreme VALUES (7, now())')
    expect([...(await readPass(table, { watermark, limit: 1 })).keys].sort()).toEqual([
      'int:1',
      'int:4',
      'int:6',
      'int:7',
    ])
    const records = await readAll(table, ['modified'])
    expect(records.map((record) => record.values['modified'])).toEqual([
      'instant:infinity',
      'instant:-infinity',
      'instant:0044-03-15T00:00:00.000000Z BC',
      'instant:12345-06-07T00:00:00.000000Z',
      'instant:2024-01-01T00:00:00.000000Z',
      null,
      expect.stringMatching(/^instant:20/),
    ])
  })

  test('the overlap reads again what applications with a slow clock may stamp', async () => {
    await people.query('CREATE TABLE overlapping (id int PRIMARY KEY, modified timestamptz)')
    const patient = createPostgresConnector({ ...settings, url: database.url, overlapMs: 60_000 })
    const table = await open('overlapping', patient)
    const watermark = await table.takeWatermark(signal)
    await people.query(
      `INSERT INTO overlapping VALUES (1, now() - interval '30 s'), (2, now() - interval '90 s')`,
    )
    expect((await readPass(table, { watermark })).keys).toEqual(['int:1'])
    await patient.close()
  })

  test('a user who cannot see other transactions reads further back, and the connector says so', async () => {
    await people.query(`
      CREATE TABLE blind (id int PRIMARY KEY, modified timestamptz);
      DROP ROLE IF EXISTS couplet_blind; CREATE ROLE couplet_blind LOGIN PASSWORD 'blind'; GRANT SELECT ON blind TO couplet_blind`)
    expect(await connector.describeGuarantees(signal)).toEqual({ isExact: true, reasons: [] })
    const url = new URL(database.url)
    url.username = 'couplet_blind'
    url.password = 'blind'
    const limited = createPostgresConnector({ ...settings, url: url.href, fallbackOverlapMs: 120_000 })
    expect(await limited.describeGuarantees(signal)).toMatchObject({
      isExact: false,
      reasons: [expect.stringContaining('pg_read_all_stats')],
    })
    const table = await open('blind', limited)
    const watermark = await table.takeWatermark(signal)
    await people.query(
      `INSERT INTO blind VALUES (1, now() - interval '100 s'), (2, now() - interval '150 s')`,
    )
    expect((await readPass(table, { watermark })).keys).toEqual(['int:1'])
    await limited.close()
    await people.query('DROP OWNED BY couplet_blind; DROP ROLE couplet_blind')
  })

  test('a watermark or cursor that cannot be read, or is of another field, begins again', async () => {
    await people.query(`
      CREATE TABLE renamed (id int PRIMARY KEY, modified timestamptz, changed timestamptz);
      INSERT INTO renamed VALUES (1, '2024-01-01', '2024-01-01'), (2, '2024-01-02', '2024-01-02')`)
    const table = await open('renamed')
    const other = await connector.openTable({ table: 'renamed', modifiedField: 'changed' }, signal)
    const { watermark, pages } = await readPass(table, { limit: 1 })
    for (const foreign of ['', 'nonsense', '{"v":9}', watermark]) {
      expect((await readPass(other, { watermark: foreign })).keys).toEqual(['int:1', 'int:2'])
    }
    const page = await other.readChanges({
      watermark: null,
      fields: [],
      filter: null,
      cursor: pages[0]?.next ?? null,
      limit: 5,
      signal,
    })
    expect(page.records).toHaveLength(2)
  })

  test('the modified field must be a time', async () => {
    await people.query('CREATE TABLE numbered_change (id int PRIMARY KEY, modified bigint)')
    await expect(open('numbered_change')).rejects.toMatchObject({
      code: 'MODIFIED_FIELD_MISSING',
      message: expect.stringContaining('is of type integer, not a time'),
    })
    await people.query('CREATE TABLE counted_change (id int PRIMARY KEY, modified xid8)')
    await expect(open('counted_change')).rejects.toThrow('is of type xid8, not a time')
  })
})

describe('a large table', () => {
  test('is paged, read by keys and searched through its indexes', async () => {
    await people.query(`
      CREATE TABLE big (no varchar(20) COLLATE "en-x-icu" PRIMARY KEY, name text COLLATE "en-x-icu", modified timestamptz NOT NULL);
      INSERT INTO big SELECT 'C' || g, 'Name ' || g, '2024-01-01'::timestamptz + g * interval '1 s' FROM generate_series(1, 30000) g;
      CREATE INDEX ON big (modified, no); CREATE INDEX ON big (lower(name)); ANALYZE big`)
    const table = await open('big')
    const statements: pg.QueryConfig[] = []
    const original = pg.Client.prototype.query
    vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
      this: Client,
      ...parameters: unknown[]
    ) {
      const [query] = parameters
      if (typeof query === 'object' && query !== null && 'text' in query)
        statements.push(query as pg.QueryConfig)
      return Reflect.apply(original, this, parameters)
    })
    const fields = ['name']
    const first = await table.readAll({ fields, filter: null, cursor: null, limit: 100, signal })
    await table.readAll({ fields, filter: null, cursor: first.next, limit: 100, signal })
    const changes = await table.readChanges({
      watermark: null,
      fields,
      filter: null,
      cursor: null,
      limit: 100,
      signal,
    })
    await table.readChanges({
      watermark: null,
      fields,
      filter: null,
      cursor: changes.next,
      limit: 100,
      signal,
    })
    await table.readChanges({
      watermark: changes.watermark,
      fields,
      filter: null,
      cursor: null,
      limit: 100,
      signal,
    })
    await table.readByKeys(
      first.records.map((record) => record.key),
      fields,
      signal,
    )
    const matchFields = [{ field: 'name', caseSensitive: false }]
    const found = await table.findByMatch({
      fields,
      filter: null,
      matchFields,
      candidates: [['text:NAME 77'], ['text:name 5']],
      limitPerCandidate: 2,
      signal,
    })
    expect(found.map((records) => records.map((record) => record.key))).toEqual([['text:C77'], ['text:C5']])
    vi.restoreAllMocks()
    const reading = statements.filter(({ text }) => text.includes('"big" AS t'))
    expect(reading.length).toBeGreaterThanOrEqual(8)
    for (const { text, values } of reading) {
      const plan = await people.query(`EXPLAIN ${text}`, values)
      const lines = plan.rows.map((row: Record<string, string>) => row['QUERY PLAN']).join('\n')
      expect(lines).toContain('Index')
      expect(lines).not.toContain('Seq Scan on big')
    }
  })
})
