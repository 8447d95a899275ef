import { readdirSync, readFileSync } from 'node:fs'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPostgresConnector, type PostgresConnector } from '../../src/connectors/postgres/connector.ts'
import { validateAgainstSchemas } from '../../src/core/mapping/validate.ts'
import { crmSchemaSql, demoSchemas, navSchemaSql } from '../../src/demo/schemas/schemas.ts'
import { parseMappingFile } from '../../src/usecases/mapping-files.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let connectors: Record<'local' | 'remote', PostgresConnector>

beforeAll(async () => {
  database = await createDatabase()
  const client = new Client({ connectionString: database.url })
  await client.connect()
  await client.query(navSchemaSql)
  await client.query(crmSchemaSql)
  await client.end()
  connectors = { local: connect('local'), remote: connect('remote') }
})

afterAll(async () => {
  await connectors?.local.close()
  await connectors?.remote.close()
  await database?.drop()
})

function connect(side: 'local' | 'remote'): PostgresConnector {
  const schema = demoSchemas[side]
  return createPostgresConnector({
    name: side,
    url: database.url,
    urlSource: 'test',
    schema,
    poolSize: 1,
    receipts: false,
  })
}

const folder = new URL('../../mappings/', import.meta.url)

describe('the default mappings fit the tables of the demo', () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s', async (file) => {
    const signal = new AbortController().signal
    for (const definition of parseMappingFile(readFileSync(new URL(file, folder), 'utf8'), file)
      .definitions) {
      const local = await connectors.local.openTable(definition.local, signal)
      const remote = await connectors.remote.openTable(definition.remote, signal)
      const schemas = { local: local.schema, remote: remote.schema }
      expect(validateAgainstSchemas(definition, schemas)).toEqual([])
    }
  })
})
