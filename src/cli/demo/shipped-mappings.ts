import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Pair } from '../../core/ports/mapping-store.ts'
import { assert } from '../../lib/assert.ts'
import type { Deps } from '../../usecases/deps.ts'
import { parseMappingFile } from '../../usecases/mapping-files.ts'
import { importMappings } from '../../usecases/setup/import-mappings.ts'

/** Imports mapping files that come with the package, just as `couplet setup` does it; they fit the demo. */
export async function importShipped(pair: Pair, paths: readonly string[], deps: Deps): Promise<void> {
  const files = await Promise.all(
    paths.map(async (path) => parseMappingFile(await readFile(path, 'utf8'), basename(path))),
  )
  const definitions = files.flatMap((file) => file.definitions)
  const { problems } = await importMappings(pair, definitions, { changedBy: 'demo', reason: 'Demo' }, deps)
  const errors = problems.filter((problem) => problem.severity === 'error')
  const texts = errors.map(({ mapping, path, message }) => `${mapping} ${path}: ${message}`)
  assert(errors.length === 0, `the shipped mappings fit the demo: ${texts.join('; ')}`)
}
