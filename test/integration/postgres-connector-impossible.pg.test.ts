import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertOf, readAll, signal, write } from '../../src/connectors/contract/support.ts'
import { createPostgresConnector, type PostgresConnector } from '../../src/connectors/postgres/connector.ts'
import { connect } from '../contract/connector/postgres-harness.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let people: Client
let connector: PostgresConnector
const name = `latin_${process.pid}`

beforeAll(async () => {
  database = await createDatabase()
  const admin = await connect(database.url)
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`)
  await admin.end()
  const url = new URL(database.url)
  url.pathname = `/${name}`
  people = await connect(url.href)
  connector = createPostgresConnector({
    name: 'erp',
    url: url.href,
    urlSource: 'ERP_URL',
    schema: 'public',
    poolSize: 2,
    receipts: true,
  })
})
afterAll(async () => {
  await connector?.close()
  await people?.end()
  const admin = await connect(database.url)
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await admin.end()
  await database?.drop()
})

describe('P6: what a database cannot hold', () => {
  test('in an encoding without these letters: nobody has the key, nobody matches, and only that record is refused', async () => {
    await people.query(
      `CREATE TABLE narrow (id text PRIMARY KEY, name text); INSERT INTO narrow VALUES ('Müller', 'Ærø')`,
    )
    const table = await connector.openTable({ table: 'narrow' }, signal)
    const found = await table.readByKeys(['text:漢字', 'text:Müller', 'text:Ω'], ['name'], signal)
    expect([...found.keys()]).toEqual(['text:Müller'])
    const matches = await table.findByMatch({
      fields: [],
      filter: null,
      matchFields: [{ field: 'name', caseSensitive: true }],
      candidates: [['text:漢字'], ['text:Ærø'], ['text:Ω']],
      limitPerCandidate: 2,
      signal,
    })
    expect(matches.map((each) => each.map((record) => record.key))).toEqual([[], ['text:Müller'], []])
    const operations = ['a', '漢字', 'ü'].map((id) => insertOf({ name: `text:${id}` }, `text:${id}`))
    expect(await write(table, operations)).toMatchObject([
      { status: 'written' },
      { status: 'rejected', problem: { code: 'VALUE_NOT_CONVERTIBLE' } },
      { status: 'written' },
    ])
    expect(await readAll(table)).toHaveLength(3)
  })

  test('in an enum without this label: nobody has the key', async () => {
    await people.query(`
      CREATE TYPE colour AS ENUM ('red', 'blue'); CREATE TABLE coloured (id colour PRIMARY KEY);
      INSERT INTO coloured VALUES ('red'), ('blue')`)
    const table = await connector.openTable({ table: 'coloured' }, signal)
    const found = await table.readByKeys(['text:green', 'text:red', 'text:blue'], [], signal)
    expect([...found.keys()].sort()).toEqual(['text:blue', 'text:red'])
  })

  test('more than the stack: JSON nested thousands deep is read as it is, beside its neighbours', async () => {
    await people.query(`
      CREATE TABLE nested (id int PRIMARY KEY, data json);
      INSERT INTO nested VALUES (1, '{"b": 1, "a": 2}'), (2, (repeat('[', 3000) || repeat(']', 3000))::json)`)
    const table = await connector.openTable({ table: 'nested' }, signal)
    const values = (await readAll(table, ['data'])).map((record) => record.values['data'])
    expect(values).toEqual(['json:{"a":2,"b":1}', `json:${'['.repeat(3_000)}${']'.repeat(3_000)}`])
  })
})
