import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { assert } from '../lib/assert.ts'

/** Folder of this package, found from the sources as well as from the compiled files below `dist`. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    assert(folder !== dirname(folder), 'a package.json lies above the program')
    folder = dirname(folder)
  }
  return folder
}

export function packageVersion(): string {
  const content = readFileSync(join(packageRoot(), 'package.json'), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(content)).version
}

/** The mapping files that come with the package: for databases, or for Business Central and Dataverse. */
export function shippedMappingFiles(systems: 'databases' | 'dynamics' = 'databases'): readonly string[] {
  const folder = join(packageRoot(), 'mappings', ...(systems === 'databases' ? [] : [systems]))
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name))
}

/** The setting `tables` of a connection to Business Central that fits the shipped mappings: JSON. */
export function shippedTableFacts(): string {
  return readFileSync(join(packageRoot(), 'mappings', 'dynamics', 'tables.json'), 'utf8')
}
