import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Context } from '../../app/context.ts'
import type { Pair } from '../../core/ports/mapping-store.ts'
import { createDemoDatabases, type DemoContents } from '../../demo/seed.ts'
import { snapshotTables, type TableSnapshot } from '../../demo/snapshot.ts'
import { assert, present } from '../../lib/assert.ts'
import { parseMappingFile } from '../../usecases/mapping-files.ts'
import { importMappings } from '../../usecases/setup/import-mappings.ts'
import { setUpPair } from '../../usecases/setup/set-up-pair.ts'
import { shippedMappingFiles } from '../package-root.ts'

const sides = {
  local: { database: 'nav_demo', schema: 'nav' },
  remote: { database: 'crm_demo', schema: 'crm' },
} as const

/** The two systems of the demo: databases of the embedded server. */
export interface DemoDatabases {
  readonly localUrl: string
  readonly remoteUrl: string
  readonly contents: DemoContents
}

/** Makes both systems anew, each in a database of its own. */
export async function fillDatabases(
  context: Context,
  options: { readonly size: number; readonly seed: number },
): Promise<DemoDatabases> {
  const embedded = present(context.embedded, 'embedded server of the demo')
  await Promise.all([
    embedded.ensureDatabase(sides.local.database),
    embedded.ensureDatabase(sides.remote.database),
  ])
  const urls = {
    localUrl: embedded.url(sides.local.database),
    remoteUrl: embedded.url(sides.remote.database),
  }
  return { ...urls, contents: await createDemoDatabases({ ...urls, ...options }) }
}

/** Sets up the pair with the seven shipped mappings, just as `couplet setup` does it. */
export async function connectDemo({ deps }: Context): Promise<Pair> {
  const side = ({ database, schema }: { database: string; schema: string }) => ({
    kind: 'postgres',
    url: `embedded:${database}`,
    schema,
    company: '',
  })
  const pair = await setUpPair({ name: 'demo', local: side(sides.local), remote: side(sides.remote) }, deps)
  const files = await Promise.all(
    shippedMappingFiles().map(async (path) => parseMappingFile(await readFile(path, 'utf8'), basename(path))),
  )
  const definitions = files.flatMap((file) => file.definitions)
  const { problems } = await importMappings(pair, definitions, { changedBy: 'demo', reason: 'Demo' }, deps)
  const errors = problems.filter((problem) => problem.severity === 'error')
  assert(
    errors.length === 0,
    `the shipped mappings fit the demo: ${errors.map((each) => each.message).join('; ')}`,
  )
  return pair
}

/** Every table of both sides, to prove later that nothing was written. */
export async function snapshotBoth({
  localUrl,
  remoteUrl,
}: DemoDatabases): Promise<readonly TableSnapshot[]> {
  const both = await Promise.all([
    snapshotTables(localUrl, sides.local.schema),
    snapshotTables(remoteUrl, sides.remote.schema),
  ])
  return both.flat()
}
