import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import { loadConfig } from '../../src/app/config.ts'
import { openContext } from '../../src/app/context.ts'
import { createLog } from '../../src/app/logger.ts'
import { databaseUrl, ensureTemplate, onServer, templateName } from './store-template.ts'

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** A fresh, empty database on the Postgres server of the test run. */
export function createDatabase(): Promise<TestDatabase> {
  return createFrom('template0')
}

let template: Promise<string> | null = null

/** A database with the tables of store and queue and nothing in them: a copy, which is quicker than all migrations. */
export async function createStoreDatabase(): Promise<TestDatabase> {
  template ??= openTemplate()
  return createFrom(await template)
}

async function openTemplate(): Promise<string> {
  const name = templateName(process.ppid)
  await ensureTemplate(inject('postgresUrl'), name, async (url) => {
    const config = loadConfig({ DATABASE_URL: url, COUPLET_LOG_LEVEL: 'silent' })
    const context = await openContext(config, createLog(config))
    await context.close()
  })
  return name
}

async function createFrom(source: string): Promise<TestDatabase> {
  const server = inject('postgresUrl')
  const name = `test_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  const execute = (statement: string) =>
    onServer(server, async (client) => {
      await client.query(statement)
    })
  await execute(`CREATE DATABASE ${name} TEMPLATE ${source}`)
  return {
    url: databaseUrl(server, name),
    drop: () => execute(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

/** A user of a database who is no superuser: reads what is granted, and is subject to row policies. */
export async function createReader(
  people: { query(sql: string): Promise<unknown> },
  databaseUrl: string,
): Promise<{ readonly name: string; readonly url: string; drop(): Promise<void> }> {
  const name = `reader_${randomUUID().slice(0, 8)}`
  await people.query(`CREATE ROLE ${name} LOGIN PASSWORD 'reader-secret'; GRANT USAGE ON SCHEMA public TO ${name};
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${name}`)
  const url = new URL(databaseUrl)
  url.username = name
  url.password = 'reader-secret'
  const drop = async () => {
    await people.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`)
  }
  return { name, url: url.href, drop }
}
