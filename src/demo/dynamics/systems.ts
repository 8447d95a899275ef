import { startBusinessCentral } from '../../simulators/business-central/simulator.ts'
import { startDataverse } from '../../simulators/dataverse/simulator.ts'
import { noLimits } from '../../simulators/dataverse/throttle.ts'
import type { TimeSource } from '../../simulators/kit/time.ts'
import type { DemoSize } from '../records/size.ts'
import { type Admin, createAdmin, textOf } from './admin.ts'

/** Both systems of the demo: servers on free ports of this machine, in this process. */
export interface DynamicsSystems {
  readonly local: {
    readonly url: string
    readonly authority: string
    readonly company: string
    readonly admin: Admin
  }
  readonly remote: { readonly url: string; readonly admin: Admin }
  readonly tenant: string
  readonly clientId: string
  close(): Promise<void>
}

export interface SystemsOptions {
  readonly size: DemoSize
  readonly seed: number
  readonly secrets: { readonly local: string; readonly remote: string }
  readonly clock: TimeSource
}

const tenant = 'contoso'
const clientId = 'couplet'

/** Business Central with everything in it; Dataverse with a few products that stand for items and resources already. */
export async function startSystems({ size, seed, secrets, clock }: SystemsOptions): Promise<DynamicsSystems> {
  const central = await startBusinessCentral({
    port: 0,
    host: '127.0.0.1',
    customers: size.customers,
    seed,
    tenant,
    applications: [{ clientId, clientSecret: secrets.local }],
    users: [],
    limits: null,
    serviceTime: { requestMs: 0, rowMs: 0 },
    duplicateStatus: 400,
    createsContacts: true,
    clock,
    timeScale: 1,
    faults: [],
  })
  const dataverse = await startDataverse({
    time: clock,
    size: { customers: 0, vendors: 0, contacts: 0, items: size.matchedProducts, resources: 2 },
    seed,
    applications: [{ clientId, clientSecret: secrets.remote }],
    limits: noLimits,
  })
  return {
    local: {
      url: `${central.url}/v2.0/`,
      authority: central.url,
      company: central.companies[0]?.id ?? '',
      admin: createAdmin(central.url, (_table, record) => textOf(record, 'id')),
    },
    remote: {
      url: dataverse.url,
      admin: createAdmin(dataverse.url, (table, record) => textOf(record, `${table}id`)),
    },
    tenant,
    clientId,
    async close() {
      await Promise.all([central.close(), dataverse.close()])
    },
  }
}
