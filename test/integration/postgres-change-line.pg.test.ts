import { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createPostgresConnector, type PostgresConnector } from '../../src/connectors/postgres/connector.ts'
import { Session } from '../../src/connectors/postgres/session.ts'
import type { ChangeLine } from '../../src/core/ports/connector.ts'
import { present } from '../../src/lib/assert.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { waitFor } from '../support/servers.ts'
import { type Network, startProxy } from './queue-proxy.ts'

let database: TestDatabase
let network: Network
let people: Pool
let connector: PostgresConnector
let line: ChangeLine
const never = new AbortController().signal
const stops: AbortController[] = []

beforeAll(async () => {
  database = await createDatabase()
  network = await startProxy(database.url)
  people = new Pool({ connectionString: database.url, max: 2 })
  people.on('error', () => {})
  await people.query(`
    CREATE SCHEMA nav; CREATE SCHEMA "odd.one";
    CREATE TABLE nav.customer (no text PRIMARY KEY); CREATE TABLE "odd.one"."Item ""x" (no text PRIMARY KEY);
    CREATE TABLE nav.quiet (no text PRIMARY KEY); CREATE VIEW nav.view AS SELECT * FROM nav.customer`)
  const settings = {
    name: 'erp',
    url: network.url,
    urlSource: 'test',
    schema: 'nav',
    poolSize: 2,
    receipts: false,
  }
  connector = createPostgresConnector(settings)
  line = present(connector.changeLine, 'line')
  await line.apply(await line.describeSetUp(tables, never), never)
})
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort()
})
afterAll(async () => {
  await connector.close()
  await people.end()
  await network.close()
  await database.drop()
})

const odd = '"odd.one"."Item ""x"'
const tables = ['customer', odd, 'view']

/** What is told, and the end of the line. */
async function listening() {
  const told: (string | null)[] = []
  const stop = new AbortController()
  stops.push(stop)
  const ended = line.listen((table) => void told.push(table), stop.signal)
  ended.catch(() => {})
  await waitFor('the line', () => told.length > 0)
  return { told, stop, ended }
}

describe('a line of changes', () => {
  it('says first that it begins, then which table has changed, once per transaction', async () => {
    const { told, stop, ended } = await listening()
    expect(told).toEqual([null])
    await people.query(
      `BEGIN; INSERT INTO nav.customer VALUES ('1'), ('2'); UPDATE nav.customer SET no = no || 'x'; COMMIT`,
    )
    await people.query(`BEGIN; DELETE FROM nav.customer; ROLLBACK`)
    await people.query(`INSERT INTO nav.quiet VALUES ('1')`)
    await people.query(`INSERT INTO "odd.one"."Item ""x" VALUES ('1')`)
    await people.query('TRUNCATE nav.customer')
    await waitFor('three changes', () => told.length >= 4)
    expect(told.slice(1)).toEqual(['nav.customer', odd, 'nav.customer'])
    expect(line.namesOf('customer')).toContain('nav.customer')
    expect(line.namesOf(odd)).toContain(odd)
    stop.abort()
    await expect(ended).resolves.toBeUndefined()
  })

  it('hears nothing of what Couplet writes, and nothing that others put on the channel', async () => {
    const { told } = await listening()
    const url = new URL(database.url)
    url.searchParams.set('application_name', 'theirs')
    const settings = { name: 'own', url: url.href, urlSource: 'test', poolSize: 1, maxServerRunMs: 40_000 }
    const own = new Session(settings)
    await own.execute(`INSERT INTO nav.customer VALUES ('own')`, never)
    await own.close()
    for (const text of ['', 'nonsense', '{"a":1}', '["nav"]', '[1,2]'])
      await people.query(`SELECT pg_notify('couplet_change', $1)`, [text])
    await people.query(`INSERT INTO nav.customer VALUES ('theirs')`)
    await waitFor('their change', () => told.length >= 2)
    expect(told).toEqual([null, 'nav.customer'])
  })

  it('ends with an error when it is cut, and when the server ends it', async () => {
    const first = await listening()
    await network.cut()
    await expect(first.ended).rejects.toMatchObject({ code: 'CONNECTION_INTERRUPTED' })
    await expect(line.listen(() => {}, never)).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
    await network.mend()
    const second = await listening()
    await people.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%SELECT 1%' AND application_name = 'couplet' AND datname = current_database()`,
    )
    await expect(second.ended).rejects.toMatchObject({ code: 'CONNECTION_INTERRUPTED' })
  })

  it('is set up behind nobody: a table that is in use is waited for briefly, and all of it may be repeated', async () => {
    const user = await people.connect()
    await user.query('BEGIN; LOCK nav.customer IN ROW EXCLUSIVE MODE')
    const statements = await line.describeSetUp(['customer'], never)
    await expect(line.apply(statements, never)).rejects.toMatchObject({
      code: 'CONNECTION_INTERRUPTED',
      kind: 'transient',
      message: expect.stringContaining('may be repeated'),
    })
    await user.query('COMMIT')
    user.release()
    await line.apply(statements, never)
  })

  it('warns of nothing where no transaction can be prepared', async () => {
    expect(await line.findHazards(never)).toEqual([])
  })

  it('knows which tables tell of changes; setting up again changes nothing, taking away leaves nothing', async () => {
    const states = async () =>
      (await line.findAnnounced([...tables, 'quiet'], never)).map(({ state }) => state)
    expect(await states()).toEqual(['announced', 'announced', 'impossible', 'silent'])
    await line.apply(await line.describeSetUp(tables, never), never)
    expect(await states()).toEqual(['announced', 'announced', 'impossible', 'silent'])
    await line.apply(line.describeRemoval(), never)
    await line.apply(line.describeRemoval(), never)
    expect(await states()).toEqual(['silent', 'silent', 'impossible', 'silent'])
    const { rows } = await people.query(`SELECT FROM pg_proc WHERE proname = 'couplet_announce'`)
    expect(rows).toEqual([])
  })
})
