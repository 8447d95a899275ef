import pg, { type Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { insertOf, readAll, recordOf, signal, write } from '../../src/connectors/contract/support.ts'
import { createPostgresConnector, type PostgresConnector } from '../../src/connectors/postgres/connector.ts'
import type { WriteOperation } from '../../src/core/ports/connector.ts'
import { connect } from '../contract/connector/postgres-harness.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { waitFor } from '../support/servers.ts'

let database: TestDatabase
let people: Client
let connector: PostgresConnector
let rival: PostgresConnector

function openConnector(maxServerRunMs = 40_000): PostgresConnector {
  return createPostgresConnector({
    name: 'erp',
    url: database.url,
    urlSource: 'ERP_URL',
    schema: 'public',
    poolSize: 3,
    receipts: true,
    maxServerRunMs,
  })
}

beforeAll(async () => {
  database = await createDatabase()
  people = await connect(database.url)
  connector = openConnector()
  rival = openConnector()
})
afterEach(() => {
  vi.restoreAllMocks()
})
afterAll(async () => {
  await connector?.close()
  await rival?.close()
  await people?.end()
  await database?.drop()
})

const count = async (table: string) =>
  Number((await people.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n)

/** Runs the action when the next COMMIT of a connector is about to leave. */
function beforeNextCommit(action: () => Promise<void>): void {
  const original = pg.Client.prototype.query
  let isFirst = true
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(async function (
    this: Client,
    ...parameters: unknown[]
  ) {
    if (parameters[0] === 'COMMIT' && isFirst) {
      isFirst = false
      await action()
    }
    return Reflect.apply(original, this, parameters)
  })
}

/** Waits until some session of the database waits for a lock. */
function somebodyWaits(): Promise<unknown> {
  return waitFor('a session waits for a lock', async () => {
    const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    return (await people.query(sql)).rows.length > 0
  })
}

describe('two writers at once', () => {
  test('the same token creates one record, whoever comes first', async () => {
    await people.query('CREATE TABLE contact (id bigserial PRIMARY KEY, name text)')
    const [ours, theirs] = [
      await connector.openTable({ table: 'contact' }, signal),
      await rival.openTable({ table: 'contact' }, signal),
    ]
    const operations = Array.from({ length: 50 }, (_, index) =>
      insertOf({ name: `text:${index}` }, null, `same ${index}`),
    )
    const [a, b] = await Promise.all([
      write(ours, operations, ['name']),
      write(theirs, operations.toReversed(), ['name']),
    ])
    expect(await count('contact')).toBe(50)
    operations.forEach((_, index) => {
      const [one, other] = [a[index], b[49 - index]]
      expect([one?.status, other?.status].sort()).toEqual(['exists', 'written'])
      expect(recordOf(one).key).toBe(recordOf(other).key)
      expect(recordOf(one).values['name']).toBe(`text:${index}`)
    })
  })

  test('the second waits for the first, and creates when the first is killed before its commit', async () => {
    await people.query('CREATE TABLE killed (id bigserial PRIMARY KEY, name text)')
    const [ours, theirs] = [
      await connector.openTable({ table: 'killed' }, signal),
      await rival.openTable({ table: 'killed' }, signal),
    ]
    const operation = insertOf({ name: 'text:once' }, null, 'killed token')
    let second: Promise<unknown> = Promise.resolve()
    beforeNextCommit(async () => {
      second = write(theirs, [operation], ['name'])
      await somebodyWaits()
      await people.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE state = 'idle in transaction' AND datname = current_database()`)
    })
    await expect(write(ours, [operation])).rejects.toMatchObject({
      code: 'CONNECTION_INTERRUPTED',
      kind: 'transient',
    })
    expect(await second).toMatchObject([{ status: 'written', record: { values: { name: 'text:once' } } }])
    expect(await count('killed')).toBe(1)
    expect(await write(ours, [operation])).toMatchObject([{ status: 'exists' }])
  })

  test('a conditional update waits for the other writer and then leaves the changed record alone', async () => {
    await people.query(
      `CREATE TABLE waiting (id int PRIMARY KEY, name text); INSERT INTO waiting VALUES (1, 'a'), (2, 'b'), (3, 'c')`,
    )
    const table = await connector.openTable({ table: 'waiting' }, signal)
    const records = await readAll(table)
    const updates = records.map(
      ({ key, version }): WriteOperation => ({
        kind: 'update',
        key,
        expectedVersion: version,
        values: { name: 'text:ours' },
      }),
    )
    const other = await connect(database.url)
    await other.query('BEGIN')
    await other.query(`UPDATE waiting SET name = 'theirs' WHERE id = 2`)
    await other.query('DELETE FROM waiting WHERE id = 3')
    const ours = write(table, updates)
    await somebodyWaits()
    await other.query('COMMIT')
    await other.end()
    expect((await ours).map((result) => result.status)).toEqual(['written', 'version-mismatch', 'missing'])
    expect((await people.query('SELECT name FROM waiting ORDER BY id')).rows).toEqual([
      { name: 'ours' },
      { name: 'theirs' },
    ])
  })

  test('an update goes on when the other writer gives up', async () => {
    await people.query(
      `CREATE TABLE given_up (id int PRIMARY KEY, name text); INSERT INTO given_up VALUES (1, 'a')`,
    )
    const table = await connector.openTable({ table: 'given_up' }, signal)
    const [record] = await readAll(table)
    const other = await connect(database.url)
    await other.query(`BEGIN; UPDATE given_up SET name = 'theirs'`)
    const ours = write(table, [
      { kind: 'update', key: 'int:1', expectedVersion: record?.version ?? '', values: { name: 'text:ours' } },
    ])
    await somebodyWaits()
    await other.query('ROLLBACK')
    await other.end()
    expect(await ours).toMatchObject([{ status: 'written' }])
  })

  test('a key that another transaction is just creating is answered with its record', async () => {
    await people.query('CREATE TABLE creating (id int PRIMARY KEY, name text)')
    const table = await connector.openTable({ table: 'creating' }, signal)
    const other = await connect(database.url)
    await other.query(`BEGIN; INSERT INTO creating VALUES (1, 'theirs')`)
    const ours = write(
      table,
      [insertOf({ name: 'text:ours' }, 'int:1'), insertOf({ name: 'text:ours' }, 'int:2')],
      ['name'],
    )
    await somebodyWaits()
    await other.query('COMMIT')
    await other.end()
    expect(await ours).toMatchObject([
      { status: 'exists', record: { values: { name: 'text:theirs' } } },
      { status: 'written', record: { values: { name: 'text:ours' } } },
    ])
  })

  test('P6: a row that is never released is put off alone, the others are written', async () => {
    await people.query(
      `CREATE TABLE locked (id int PRIMARY KEY, name text); INSERT INTO locked VALUES (1, 'a')`,
    )
    const impatient = openConnector(400)
    const table = await impatient.openTable({ table: 'locked' }, signal)
    expect(table.schema.maxServerRunMs).toBe(400)
    const [record] = await readAll(table)
    const other = await connect(database.url)
    await other.query(`BEGIN; UPDATE locked SET name = 'theirs'`)
    const ours = write(table, [
      insertOf({ name: 'text:new' }, 'int:2'),
      { kind: 'update', key: 'int:1', expectedVersion: record?.version ?? '', values: { name: 'text:ours' } },
    ])
    expect(await ours).toMatchObject([{ status: 'written' }, { status: 'locked' }])
    await other.query('ROLLBACK')
    await other.end()
    expect(await count('locked')).toBe(2)
    await impatient.close()
  })

  test('a writer that is stopped before its commit for longer than the server allows has written nothing', async () => {
    await people.query('CREATE TABLE stopped (id int PRIMARY KEY)')
    const slow = openConnector(400)
    const table = await slow.openTable({ table: 'stopped' }, signal)
    let asked = 0
    const request = table.write({
      operations: [insertOf({}, 'int:1')],
      returning: [],
      signal,
      assertMaySend: () => {
        asked += 1
        // The second question comes right before COMMIT; the process then stands still.
        if (asked === 2) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
      },
    })
    await expect(request).rejects.toMatchObject({ code: 'CONNECTION_INTERRUPTED' })
    expect(await count('stopped')).toBe(0)
    await slow.close()
  })
})

describe('a write request', () => {
  test('that may not write any more before its commit is rolled back and gives the reason', async () => {
    await people.query('CREATE TABLE lease (id int PRIMARY KEY, name text)')
    const table = await connector.openTable({ table: 'lease' }, signal)
    const operations = [insertOf({ name: 'text:a' }, 'int:1'), insertOf({}, 'int:2')]
    let clean = 0
    await table.write({ operations, returning: [], signal, assertMaySend: () => (clean += 1) })
    expect(clean).toBe(3)
    await people.query('TRUNCATE lease')
    for (let stopAt = 1; stopAt <= clean; stopAt += 1) {
      let asked = 0
      const assertMaySend = () => {
        asked += 1
        if (asked === stopAt) throw new Error('lease lost')
      }
      await expect(table.write({ operations, returning: [], signal, assertMaySend })).rejects.toThrow(
        'lease lost',
      )
      expect(await count('lease')).toBe(0)
    }
    expect(await write(table, operations)).toMatchObject([{ status: 'written' }, { status: 'written' }])
  })

  test('that is aborted writes nothing', async () => {
    await people.query('CREATE TABLE aborted (id int PRIMARY KEY)')
    const table = await connector.openTable({ table: 'aborted' }, signal)
    const controller = new AbortController()
    const request = table.write({
      operations: [insertOf({}, 'int:1')],
      returning: [],
      signal: controller.signal,
      assertMaySend: () => controller.abort(),
    })
    await expect(request).rejects.toMatchObject({ code: 'CONNECTION_INTERRUPTED' })
    expect(await count('aborted')).toBe(0)
  })

  test('that lost the answer to its commit finds everything done when it comes again', async () => {
    await people.query('CREATE TABLE lost_answer (id bigserial PRIMARY KEY, name text)')
    const table = await connector.openTable({ table: 'lost_answer' }, signal)
    const operations = [
      insertOf({ name: 'text:a' }, null, 'lost a'),
      insertOf({ name: 'text:b' }, null, 'lost b'),
    ]
    const original = pg.Client.prototype.query
    const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(async function (
      this: Client,
      ...parameters: unknown[]
    ) {
      const answer: unknown = await Reflect.apply(original, this, parameters)
      if (parameters[0] === 'COMMIT')
        throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
      return answer
    })
    await expect(write(table, operations)).rejects.toMatchObject({ code: 'CONNECTION_INTERRUPTED' })
    spy.mockRestore()
    expect(await write(table, operations)).toMatchObject([{ status: 'exists' }, { status: 'exists' }])
    expect(await count('lost_answer')).toBe(2)
  })

  test.each([
    ['given', 'int:'],
    ['receipt', null],
  ])(
    'takes the same number of statements for one record and for a thousand (%s)',
    async (creation, prefix) => {
      const table = await openNumbered(`numbered_${creation}`, creation)
      await write(table, [insertOf({ name: 'text:first' }, prefix && `${prefix}0`, `${creation} first`)])
      const statements = async (from: number, to: number) => {
        const operations = Array.from({ length: to - from }, (_, index) =>
          insertOf({ name: 'text:x' }, prefix && `${prefix}${from + index}`, `${creation} ${from + index}`),
        )
        const spy = vi.spyOn(pg.Client.prototype, 'query')
        const results = await write(table, operations, ['name'])
        const updates = results.map(
          (result): WriteOperation => ({
            kind: 'update',
            key: recordOf(result).key,
            expectedVersion: recordOf(result).version,
            values: { name: 'text:y' },
          }),
        )
        expect((await write(table, updates, ['name'])).every((result) => result.status === 'written')).toBe(
          true,
        )
        const calls = spy.mock.calls.length
        spy.mockRestore()
        return calls
      }
      const one = await statements(1, 2)
      expect(one).toBeLessThanOrEqual(14)
      expect(await statements(2, 1_002)).toBe(one)
    },
  )

  async function openNumbered(table: string, creation: string) {
    await people.query(
      `CREATE TABLE ${table} (id ${creation === 'given' ? 'bigint' : 'bigserial'} PRIMARY KEY, name text)`,
    )
    return connector.openTable({ table }, signal)
  }
})

describe('a record the table does not take', () => {
  test('is named with its field, its value and the reason; all others are written', async () => {
    await people.query(`
      CREATE TABLE country (code varchar(10) PRIMARY KEY); INSERT INTO country VALUES ('DK');
      CREATE TABLE strict (id int PRIMARY KEY, name varchar(10) NOT NULL, email text UNIQUE, country varchar(10) REFERENCES country DEFERRABLE INITIALLY DEFERRED,
        percent numeric(5,2) CHECK (percent >= 0), parent int REFERENCES strict);
      CREATE FUNCTION no_robots() RETURNS trigger LANGUAGE plpgsql AS $f$
      BEGIN
        IF NEW.name = 'robot' THEN RAISE EXCEPTION 'no robots' USING ERRCODE = 'C0001'; END IF;
        IF NEW.name = 'ghost' THEN RETURN NULL; END IF;
        RETURN NEW;
      END $f$;
      CREATE TRIGGER no_robots BEFORE INSERT OR UPDATE ON strict FOR EACH ROW EXECUTE FUNCTION no_robots()`)
    const table = await connector.openTable({ table: 'strict' }, signal)
    const fine = { name: 'text:ok', email: null, country: 'text:DK', percent: 'dec:1', parent: null } as const
    const cases = [
      [{}, 'written', null],
      [{ name: 'text:far too long' }, 'VALUE_TRUNCATED', 'name'],
      [{ name: null }, 'VALUE_MISSING', 'name'],
      [{ email: 'text:a@b.c' }, 'written', null],
      [{ email: 'text:a@b.c' }, 'POSSIBLE_DUPLICATE', 'email'],
      [{ country: 'text:XX' }, 'VALUE_REFUSED', 'country'],
      [{ percent: 'dec:-1' }, 'VALUE_REFUSED', 'percent'],
      [{ percent: 'dec:1000' }, 'VALUE_NOT_CONVERTIBLE', 'percent'],
      [{ name: 'text:robot' }, 'VALUE_REFUSED', null],
      [{ name: 'text:ghost' }, 'INSERT_FAILED', null],
      [{ parent: 'int:77' }, 'VALUE_REFUSED', 'parent'],
      [{ name: 'text:nul\0' }, 'VALUE_NOT_CONVERTIBLE', null],
      [{ parent: 'int:0' }, 'written', null],
    ] as const
    const results = await write(
      table,
      cases.map(([values], id) => insertOf({ ...fine, ...values }, `int:${id}`)),
    )
    results.forEach((result, index) => {
      const [, code, field] = cases[index] ?? []
      if (code === 'written') expect(result.status).toBe('written')
      else expect(result).toMatchObject({ status: 'rejected', problem: { code, field } })
    })
    expect(await count('strict')).toBe(3)
    const [record] = await readAll(table)
    const update = {
      kind: 'update',
      key: 'int:0',
      expectedVersion: record?.version ?? '',
      values: { name: 'text:ghost' },
    } as const
    expect(await write(table, [update])).toMatchObject([
      { status: 'rejected', problem: { code: 'MODIFY_FAILED' } },
    ])
  })

  test('because of row level security is refused alone', async () => {
    await people.query(`
      CREATE TABLE guarded (id int PRIMARY KEY, owner text);
      DROP ROLE IF EXISTS couplet_guarded; CREATE ROLE couplet_guarded LOGIN PASSWORD 'x';
      GRANT SELECT, INSERT, UPDATE ON guarded TO couplet_guarded;
      ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON guarded USING (owner = 'us')`)
    const url = new URL(database.url)
    url.username = 'couplet_guarded'
    url.password = 'x'
    const limited = createPostgresConnector({
      name: 'x',
      url: url.href,
      urlSource: 'X',
      schema: 'public',
      poolSize: 1,
      receipts: true,
    })
    const table = await limited.openTable({ table: 'guarded' }, signal)
    const results = await write(table, [
      insertOf({ owner: 'text:us' }, 'int:1'),
      insertOf({ owner: 'text:them' }, 'int:2'),
    ])
    expect(results).toMatchObject([
      { status: 'written' },
      { status: 'rejected', problem: { code: 'VALUE_REFUSED' } },
    ])
    await limited.close()
    await people.query('DROP OWNED BY couplet_guarded; DROP ROLE couplet_guarded')
  })

  test('because the sequence lags behind says so, and is created when it is tried again', async () => {
    await people.query(`
      CREATE TABLE lagging (id serial PRIMARY KEY, name text, email text UNIQUE); INSERT INTO lagging VALUES (1, 'old', 'a@b.c')`)
    const table = await connector.openTable({ table: 'lagging' }, signal)
    const operations = ['x@b.c', 'y@b.c', 'a@b.c'].map((email) =>
      insertOf({ email: `text:${email}` }, null, `lagging ${email}`),
    )
    expect(await write(table, operations)).toMatchObject([
      {
        status: 'rejected',
        problem: { code: 'INSERT_FAILED', message: expect.stringContaining('setval'), value: '1' },
      },
      { status: 'written' },
      { status: 'rejected', problem: { code: 'POSSIBLE_DUPLICATE', field: 'email' } },
    ])
    expect(await write(table, operations.slice(0, 2))).toMatchObject([
      { status: 'written' },
      { status: 'exists' },
    ])
  })

  test('a trigger that gives another serial key is written into the receipt', async () => {
    await people.query(`
      CREATE TABLE renumbered (id bigserial PRIMARY KEY, name text);
      CREATE FUNCTION renumber() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN NEW.id := NEW.id + 1000; RETURN NEW; END $f$;
      CREATE TRIGGER renumber BEFORE INSERT ON renumbered FOR EACH ROW EXECUTE FUNCTION renumber()`)
    const table = await connector.openTable({ table: 'renumbered' }, signal)
    const operations = ['a', 'b', 'c'].map((name) =>
      insertOf({ name: `text:${name}` }, null, `renumber ${name}`),
    )
    const first = await write(table, operations, ['id', 'name'])
    expect(first.map((result) => recordOf(result).values['name'])).toEqual(['text:a', 'text:b', 'text:c'])
    const second = await write(table, operations, ['id', 'name'])
    expect(second).toEqual(first.map((result) => ({ status: 'exists', record: recordOf(result) })))
  })

  test('a trigger that gives another key to a record whose own key is taken does not mix them up', async () => {
    await people.query(`
      CREATE TABLE shifted (id int PRIMARY KEY, name text); INSERT INTO shifted VALUES (1, 'old'), (5, 'old');
      CREATE FUNCTION shift() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN NEW.id := NEW.id + 100; RETURN NEW; END $f$;
      CREATE TRIGGER shift BEFORE INSERT ON shifted FOR EACH ROW EXECUTE FUNCTION shift()`)
    const table = await connector.openTable({ table: 'shifted' }, signal)
    const operations = [1, 5].map((id) => insertOf({ name: `text:${id}` }, `int:${id}`))
    expect(await write(table, operations, ['name'])).toMatchObject([
      { status: 'written', record: { key: 'int:101', values: { name: 'text:1' } } },
      { status: 'written', record: { key: 'int:105', values: { name: 'text:5' } } },
    ])
  })
})
