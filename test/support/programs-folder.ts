import { hash } from 'node:crypto'
import { fileURLToPath } from 'node:url'

/** Where a test run keeps the programs it has compiled; the run is known by the Postgres it has for itself. */
export function programsFolder(postgresUrl: string): string {
  const name = hash('sha1', postgresUrl)
  return fileURLToPath(new URL(`../../.cache/programs/${name}`, import.meta.url))
}
