import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** A fresh, empty database on the Postgres server of the test run. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = inject('postgresUrl')
  const name = `test_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  await execute(server, `CREATE DATABASE ${name} TEMPLATE template0`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
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

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
