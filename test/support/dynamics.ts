import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/app/clock.ts'
import { shippedTableFacts } from '../../src/app/package-root.ts'
import type { MappingStore, Pair } from '../../src/core/ports/mapping-store.ts'
import { localSettings, remoteSettings } from '../../src/demo/dynamics/connections.ts'
import { type DynamicsSystems, startSystems } from '../../src/demo/dynamics/systems.ts'
import { demoSize } from '../../src/demo/records/size.ts'

/** Business Central and Dataverse, simulated, with the secrets that connections refer to. */
export interface TestSystems {
  readonly systems: DynamicsSystems
  /** Saves both connections and their pair, with further settings of the two. */
  savePair(stores: MappingStore, more?: MoreSettings): Promise<Pair>
  close(): Promise<void>
}

interface MoreSettings {
  readonly local?: Readonly<Record<string, string>>
  readonly remote?: Readonly<Record<string, string>>
}

/** Business Central makes its ids itself, and finds a creation again by the number; Dataverse takes ours. */
export const customerMapping = {
  name: 'CUSTOMER',
  direction: 'Bidirectional',
  local: { table: 'customers', referenceField: 'number' },
  remote: { table: 'account', modifiedField: 'modifiedon' },
  fields: [
    { local: 'number', remote: 'accountnumber' },
    { local: 'displayName', remote: 'name' },
    { local: 'city', remote: 'address1_city' },
    { remote: 'owneridtype', direction: 'ToIntegrationTable', constant: 'systemuser' },
  ],
}

/** 60 customers, and everything else in proportion. */
export async function startTestSystems(): Promise<TestSystems> {
  const folder = await mkdtemp(join(tmpdir(), 'couplet-'))
  const secrets = { local: 'one secret', remote: 'another secret' }
  const references = { local: `file:${join(folder, 'local')}`, remote: `file:${join(folder, 'remote')}` }
  await writeFile(join(folder, 'local'), secrets.local)
  await writeFile(join(folder, 'remote'), secrets.remote)
  const systems = await startSystems({ size: demoSize(60), seed: 1, secrets, clock: systemClock })
  return {
    systems,
    async savePair(stores, { local = {}, remote = {} } = {}) {
      const sides = [
        { name: 'bc', more: local, ...localSettings(systems, references, shippedTableFacts()) },
        { name: 'crm', more: remote, ...remoteSettings(systems, references) },
      ]
      for (const { name, kind, settings, more } of sides)
        await stores.saveConnection({ name, kind, settings: { ...settings, ...more } })
      return stores.savePair({
        name: 'dynamics',
        local: { connection: 'bc', company: '' },
        remote: { connection: 'crm', company: '' },
      })
    },
    async close() {
      await systems.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
