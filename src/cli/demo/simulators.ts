import { systemClock } from '../../app/clock.ts'
import type { Context } from '../../app/context.ts'
import { shippedMappingFiles, shippedTableFacts } from '../../app/package-root.ts'
import { compareSystems } from '../../demo/dynamics/compare.ts'
import { localSettings, remoteSettings, type SecretReferences } from '../../demo/dynamics/connections.ts'
import { coupledOptions, describeContents } from '../../demo/dynamics/contents.ts'
import { editBothSystems } from '../../demo/dynamics/edits.ts'
import { fillSystems } from '../../demo/dynamics/fill.ts'
import { snapshotSystems } from '../../demo/dynamics/snapshot.ts'
import { type DynamicsSystems, startSystems } from '../../demo/dynamics/systems.ts'
import { demoSize } from '../../demo/records/size.ts'
import { secretOf } from '../simulators/secret.ts'
import type { Check } from './checks.ts'
import { importShipped } from './shipped-mappings.ts'
import type { DemoSystems } from './systems.ts'

/** Starts Business Central and Dataverse as servers in this process, filled with the same data every time. */
export async function openSimulators(
  { config }: Context,
  options: { readonly size: number; readonly seed: number },
): Promise<DemoSystems> {
  const [local, remote] = await Promise.all([
    secretOf('business-central', null, config),
    secretOf('dataverse', null, config),
  ])
  const size = demoSize(options.size)
  const { seed } = options
  const secrets = { local: local.value, remote: remote.value }
  const systems = await startSystems({ size, seed, secrets, clock: systemClock })
  await fillSystems(systems, { size, seed })
  const references = { local: local.reference, remote: remote.reference }
  return {
    title: 'Business Central and Dataverse as local servers, filled with the same data every time',
    sides: {
      local: `local, Business Central at ${systems.local.url}`,
      remote: `remote, Dataverse at ${systems.remote.url}/`,
    },
    contents: await describeContents(systems, size),
    coupledByHand: coupledOptions,
    connect: (context) => connectSystems(context, systems, references),
    snapshot: () => snapshotSystems(systems),
    edit: () => editBothSystems(systems, seed),
    compare: () => compareBoth(systems),
    close: () => systems.close(),
  }
}

const names = { local: 'demo-business-central', remote: 'demo-dataverse' } as const

/** Sets up the pair with the mappings for these systems. */
async function connectSystems({ deps }: Context, systems: DynamicsSystems, references: SecretReferences) {
  const connections = [
    { name: names.local, ...localSettings(systems, references, shippedTableFacts()) },
    { name: names.remote, ...remoteSettings(systems, references) },
  ]
  for (const connection of connections) {
    const connector = await deps.connect(await deps.stores.mappings.saveConnection(connection))
    await connector.check(AbortSignal.timeout(15_000))
  }
  const pair = await deps.stores.mappings.savePair({
    name: 'demo',
    local: { connection: names.local, company: '' },
    remote: { connection: names.remote, company: '' },
  })
  await importShipped(pair, shippedMappingFiles('dynamics'), deps)
  return pair
}

async function compareBoth(systems: DynamicsSystems): Promise<readonly Check[]> {
  const comparisons = await compareSystems(systems)
  return comparisons.map(({ what, equal, wrong }) => ({
    what,
    ok: wrong.length === 0,
    found: wrong.length === 0 ? `${equal} equal` : `${wrong.length} wrong: ${wrong.slice(0, 3).join('; ')}`,
  }))
}
