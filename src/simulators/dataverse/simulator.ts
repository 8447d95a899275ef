import type { AdminSite } from '../kit/admin.ts'
import type { Fault } from '../kit/faults.ts'
import { type RunningServer, serve } from '../kit/server.ts'
import type { Application } from '../kit/sign-in.ts'
import { createSimulation, type Simulation } from '../kit/simulation.ts'
import { createTime, type TimeSource } from '../kit/time.ts'
import { createOrganization, type PlugIn } from './organization.ts'
import { type SeedSize, seedSources } from './seed.ts'
import { putMasters } from './seed-masters.ts'
import { createSite, type ServiceTime } from './site.ts'
import { type Limits, realLimits } from './throttle.ts'

export interface DataverseOptions {
  readonly time: TimeSource
  /** Windows are this many times shorter. */
  readonly scale?: number
  readonly port?: number
  readonly host?: string
  readonly size: SeedSize
  readonly seed?: number
  readonly tenant?: string
  readonly applications: readonly Application[]
  readonly tokenLifetimeMs?: number
  readonly limits?: Limits
  readonly serviceTime?: ServiceTime
  readonly plugIns?: readonly PlugIn[]
  readonly faults?: readonly Fault[]
}

export interface RunningDataverse extends RunningServer, Simulation {
  readonly tenant: string
  /** What the admin interface does, without a request: at once. */
  readonly admin: AdminSite
}

/** A plug-in as organizations have them: it writes a field that nobody sent. */
const closedAccounts: PlugIn = {
  entity: 'account',
  on: 'both',
  column: 'name',
  contains: '(closed)',
  set: { creditonhold: true, creditlimit: '0.0000' },
}

/** Starts Dataverse as a local server. The token endpoint is at `{url}/{tenant}/oauth2/v2.0/token`. */
export async function startDataverse(options: DataverseOptions): Promise<RunningDataverse> {
  const time = createTime(options.time, options.scale)
  const simulation = createSimulation(time)
  for (const fault of options.faults ?? []) simulation.faults.add(fault)
  const tenant = options.tenant ?? 'contoso'
  const { applications } = options
  const tokenLifetimeMs = options.tokenLifetimeMs ?? 3_599_000
  const site = createSite(
    {
      signIn: { tenant, applications, scope: '{origin}/.default', tokenLifetimeMs },
      limits: options.limits ?? realLimits,
      serviceTime: options.serviceTime ?? { requestMs: 0, readMs: 0, writtenMs: 0 },
      createOrganization() {
        const sources = seedSources(options.size, options.seed ?? 1)
        const organization = createOrganization(time, sources, options.plugIns ?? [closedAccounts])
        putMasters(organization, options.size.items + options.size.resources > 0)
        return organization
      },
    },
    simulation,
  )
  const server = await serve(site, simulation, {
    port: options.port ?? 0,
    host: options.host ?? '127.0.0.1',
    largestBodyBytes: 128 * 2 ** 20,
  })
  return { ...server, ...simulation, tenant, admin: site.admin }
}
