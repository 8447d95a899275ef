import { Client } from 'pg'

/** Name of the database that a test run copies its stores from, by the process that leads the run. */
export const templateName = (leader: number): string => `template_of_${leader}`

/** `name` as a database of the server. */
export function databaseUrl(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** One connection for a few statements. */
export async function onServer<T>(server: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: server })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/**
 * Makes the template, once in a test run: whoever comes first does, the others wait. It gets its name when it is whole.
 */
export function ensureTemplate(
  server: string,
  name: string,
  fill: (url: string) => Promise<void>,
): Promise<void> {
  return onServer(server, async (client) => {
    await client.query(`SELECT pg_advisory_lock(hashtext('${name}'))`)
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (rowCount !== 0) return
    const draft = `${name}_draft`
    await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`)
    await client.query(`CREATE DATABASE ${draft} TEMPLATE template0`)
    await fill(databaseUrl(server, draft))
    await client.query(`ALTER DATABASE ${draft} RENAME TO ${name}`)
  })
}
