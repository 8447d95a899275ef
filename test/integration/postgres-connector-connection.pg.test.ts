import { createServer, type Server } from 'node:net'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertOf, readAll, recordOf, signal, write } from '../../src/connectors/contract/support.ts'
import { createPostgresConnector } from '../../src/connectors/postgres/connector.ts'
import { SyncError } from '../../src/core/errors.ts'
import { connect } from '../contract/connector/postgres-harness.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { freePort, waitFor } from '../support/servers.ts'

let database: TestDatabase
let people: Client

beforeAll(async () => {
  database = await createDatabase()
  people = await connect(database.url)
})
afterAll(async () => {
  await people?.end()
  await database?.drop()
})

function connectorFor(url: string) {
  return createPostgresConnector({
    name: 'erp',
    url,
    urlSource: 'ERP_URL',
    schema: 'public',
    poolSize: 2,
    receipts: true,
  })
}

function urlWith(change: (url: URL) => void): string {
  const url = new URL(database.url)
  change(url)
  return url.href
}

/** The error of a first connection; checks that it keeps the password to itself. */
async function failure(url: string): Promise<SyncError> {
  let connector: ReturnType<typeof connectorFor> | undefined
  try {
    connector = connectorFor(url)
    await connector.check(signal)
  } catch (error) {
    if (!(error instanceof SyncError)) throw error
    const shown = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`
    expect(shown).not.toContain('top-secret')
    expect(error.message).toContain('ERP_URL')
    return error
  } finally {
    await connector?.close()
  }
  throw new Error('The connection was made')
}

/** Speaks just enough of the protocol to refuse a password. */
async function startServerThatRefusesPasswords(): Promise<{ server: Server; port: number }> {
  const message = Buffer.from('SFATAL\0C28P01\0Mpassword authentication failed for user "sync"\0\0')
  const head = (type: string, length: number) => {
    const bytes = Buffer.alloc(5)
    bytes.write(type)
    bytes.writeInt32BE(length + 4, 1)
    return bytes
  }
  const askPassword = Buffer.concat([head('R', 4), Buffer.from([0, 0, 0, 3])])
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write(askPassword)
      socket.once('data', () => socket.end(Buffer.concat([head('E', message.length), message])))
    })
    socket.on('error', () => {})
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { server, port }
}

describe('a connection that cannot be made', () => {
  test('nothing listens: names host and port, and may be tried again', async () => {
    const port = await freePort()
    const error = await failure(
      urlWith((url) => {
        url.port = String(port)
        url.password = 'top-secret'
      }),
    )
    expect(error).toMatchObject({ code: 'CONNECTION_REFUSED', kind: 'transient' })
    expect(error.message).toContain(`127.0.0.1:${port}`)
  })

  test('an unknown host is named', async () => {
    const error = await failure(urlWith((url) => (url.hostname = 'no-such-host.invalid')))
    expect(error.code).toBe('HOST_UNKNOWN')
    expect(error.message).toContain('no-such-host.invalid')
  })

  test('a missing database is named', async () => {
    const error = await failure(urlWith((url) => (url.pathname = '/nowhere')))
    expect(error).toMatchObject({ code: 'CONNECTION_NOT_FOUND', kind: 'config' })
    expect(error.message).toContain('no database nowhere')
  })

  test('an unknown user is named', async () => {
    const error = await failure(
      urlWith((url) => {
        url.username = 'nobody_of_that_name'
        url.password = 'top-secret'
      }),
    )
    expect(error).toMatchObject({ code: 'CONNECTION_SIGN_IN_FAILED', kind: 'config' })
    expect(error.message).toContain('nobody_of_that_name')
  })

  test('a wrong password is said, not shown', async () => {
    const { server, port } = await startServerThatRefusesPasswords()
    const error = await failure(`postgres://sync:top-secret@127.0.0.1:${port}/erp`)
    server.close()
    expect(error).toMatchObject({
      code: 'CONNECTION_SIGN_IN_FAILED',
      kind: 'config',
      data: { host: '127.0.0.1', database: 'erp' },
    })
    expect(error.message).toContain('sync')
  })

  test.each(['', 'localhost:5432/erp', 'mysql://u:top-secret@h/d', 'postgres://u:top-secret@h:not-a-port/d'])(
    'an address that is none is a wrong setting: %j',
    async (url) => {
      expect(await failure(url)).toMatchObject({ code: 'CONFIG_INVALID' })
    },
  )

  test('a server that wants no TLS says so', async () => {
    const error = await failure(urlWith((url) => url.searchParams.set('sslmode', 'verify-full')))
    expect(error).toMatchObject({ code: 'TLS_FAILED', kind: 'config' })
  })
})

describe('a connection', () => {
  test('without a privilege: the error names user, table and privilege', async () => {
    await people.query(`
      CREATE TABLE secret (id bigserial PRIMARY KEY); CREATE TABLE readable (id int PRIMARY KEY);
      DROP ROLE IF EXISTS couplet_reader; CREATE ROLE couplet_reader LOGIN PASSWORD 'reader-secret'; GRANT SELECT ON readable TO couplet_reader`)
    const connector = connectorFor(
      urlWith((url) => {
        url.username = 'couplet_reader'
        url.password = 'reader-secret'
      }),
    )
    const readable = await connector.openTable({ table: 'readable' }, signal)
    expect(await readAll(readable)).toEqual([])
    const attempts = [
      [() => connector.openTable({ table: 'secret' }, signal), /couplet_reader .*secret.*SELECT is missing/],
      [() => write(readable, [insertOf({}, 'int:1')]), /couplet_reader .*readable.*INSERT is missing/],
    ] as const
    for (const [attempt, message] of attempts) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'PRIVILEGE_MISSING',
        kind: 'config',
        message: expect.stringMatching(message),
      })
    }
    await connector.close()
    await people.query('DROP OWNED BY couplet_reader; DROP ROLE couplet_reader')
  })

  test('reads and writes the same whatever settings its user has', async () => {
    const role = `odd_${new URL(database.url).pathname.slice(6)}`
    const odd = [
      `timezone = 'Asia/Kolkata'`,
      `datestyle = 'German'`,
      `bytea_output = 'escape'`,
      'extra_float_digits = -5',
      `search_path = ''`,
      'default_transaction_read_only = on',
      'default_transaction_isolation = serializable',
      'array_nulls = off',
      'standard_conforming_strings = off',
    ]
    await people.query(`
      CREATE TABLE settled (id serial PRIMARY KEY, a text, n int, ts timestamptz, d date, b bytea, f float8);
      CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD 'x';
      ${odd.map((setting) => `ALTER ROLE ${role} SET ${setting}`).join(';')}`)
    const connector = connectorFor(
      urlWith((url) => {
        url.username = role
        url.password = 'x'
      }),
    )
    const values = {
      a: 'text:NULL',
      n: null,
      ts: 'instant:2024-02-03T04:05:06.000007Z',
      d: 'date:2024-02-03',
      b: 'bytes:AP8=',
      f: 'dec:0.1',
    } as const
    const table = await connector.openTable({ table: 'settled' }, signal)
    const [written] = await write(table, [insertOf(values, null, 'settled')], Object.keys(values))
    expect(recordOf(written).values).toEqual(values)
    await connector.close()
    await people.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  })

  test('that is cut while it reads fails with a reason to try again, and the next request works', async () => {
    const connector = connectorFor(database.url)
    const table = await openSleepy(connector)
    const reading = expect(readAll(table)).rejects.toMatchObject({
      code: 'CONNECTION_INTERRUPTED',
      kind: 'transient',
    })
    await sleeperIsThere()
    await people.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'`)
    await reading
    await people.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'couplet' AND datname = current_database()`,
    )
    await waitFor('the connector works again', () =>
      connector.check(signal).then(
        () => true,
        () => false,
      ),
    )
    await connector.close()
  })

  test('stops reading when it is told to', async () => {
    const connector = connectorFor(database.url)
    const table = await openSleepy(connector)
    const controller = new AbortController()
    const reading = table.readAll({
      fields: [],
      filter: null,
      cursor: null,
      limit: 1,
      signal: controller.signal,
    })
    await sleeperIsThere()
    controller.abort()
    await expect(reading).rejects.toMatchObject({ code: 'CONNECTION_INTERRUPTED', data: { stopped: true } })
    await expect(table.takeWatermark(controller.signal)).resolves.toBe('')
    await expect(table.listKeys({ cursor: null, limit: 1, signal: controller.signal })).rejects.toMatchObject(
      { code: 'CONNECTION_INTERRUPTED' },
    )
    await connector.check(signal)
    await connector.close()
  })

  test('a table that disappeared is a table that is not found', async () => {
    const connector = connectorFor(database.url)
    await people.query('CREATE TABLE vanishing (id int PRIMARY KEY, name text)')
    const table = await connector.openTable({ table: 'vanishing' }, signal)
    await people.query('ALTER TABLE vanishing DROP COLUMN name')
    await expect(readAll(table, ['name'])).rejects.toMatchObject({ code: 'FIELD_NOT_FOUND' })
    await people.query('DROP TABLE vanishing')
    await expect(readAll(table)).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
    await connector.close()
  })

  async function openSleepy(connector: ReturnType<typeof connectorFor>) {
    await people.query('CREATE OR REPLACE VIEW sleepy AS SELECT 1 AS id, pg_sleep(100)::text AS slept')
    return connector.openTable({ table: 'sleepy', keyFields: ['id'] }, signal)
  }

  function sleeperIsThere(): Promise<unknown> {
    return waitFor('the statement runs', async () => {
      const sql = `SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`
      return (await people.query(sql)).rows.length > 0
    })
  }
})
