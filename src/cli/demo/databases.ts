import type { Context } from '../../app/context.ts'
import { shippedMappingFiles } from '../../app/package-root.ts'
import type { Pair } from '../../core/ports/mapping-store.ts'
import { editBothSides } from '../../demo/edits.ts'
import { createDemoDatabases } from '../../demo/seed.ts'
import { snapshotTables, type TableSnapshot } from '../../demo/snapshot.ts'
import { present } from '../../lib/assert.ts'
import { setUpPair } from '../../usecases/setup/set-up-pair.ts'
import { importShipped } from './shipped-mappings.ts'
import type { DemoSystems } from './systems.ts'

const sides = {
  local: { database: 'nav_demo', schema: 'nav' },
  remote: { database: 'crm_demo', schema: 'crm' },
} as const

/** Makes both systems anew, each in a database of its own on the embedded server. */
export async function openDatabases(
  context: Context,
  options: { readonly size: number; readonly seed: number },
): Promise<DemoSystems> {
  const embedded = present(context.embedded, 'embedded server of the demo')
  await Promise.all([
    embedded.ensureDatabase(sides.local.database),
    embedded.ensureDatabase(sides.remote.database),
  ])
  const urls = {
    localUrl: embedded.url(sides.local.database),
    remoteUrl: embedded.url(sides.remote.database),
  }
  return {
    title: 'Two databases, filled with the same data every time',
    sides: { local: 'local, like Dynamics NAV', remote: 'remote, like Dynamics Sales' },
    contents: await createDemoDatabases({ ...urls, ...options }),
    coupledByHand: [],
    connect: connectDatabases,
    snapshot: () => snapshotBoth(urls),
    edit: () => editBothSides({ ...urls, seed: options.seed }),
    compare: async () => [],
    close: async () => {},
  }
}

/** Sets up the pair with the seven shipped mappings, just as `couplet setup` does it. */
async function connectDatabases({ deps }: Context): Promise<Pair> {
  const side = ({ database, schema }: { database: string; schema: string }) => ({
    kind: 'postgres',
    url: `embedded:${database}`,
    schema,
    company: '',
  })
  const pair = await setUpPair({ name: 'demo', local: side(sides.local), remote: side(sides.remote) }, deps)
  await importShipped(pair, shippedMappingFiles(), deps)
  return pair
}

async function snapshotBoth(urls: {
  readonly localUrl: string
  readonly remoteUrl: string
}): Promise<readonly TableSnapshot[]> {
  const both = await Promise.all([
    snapshotTables(urls.localUrl, sides.local.schema),
    snapshotTables(urls.remoteUrl, sides.remote.schema),
  ])
  return both.flat()
}
