import type { AdminSite } from '../kit/admin.ts'
import type { Fault } from '../kit/faults.ts'
import { type RunningServer, serve } from '../kit/server.ts'
import { createSignIn } from '../kit/sign-in.ts'
import { createSimulation, type Simulation } from '../kit/simulation.ts'
import { createTime, type SimulatedTime, type TimeSource } from '../kit/time.ts'
import { pages } from './schema/pages.ts'
import { seedSize } from './seed/size.ts'
import type { BasicUser } from './server/credentials.ts'
import { createSite, type ServiceLimits } from './server/site.ts'
import { topicOf } from './server/subscriptions.ts'
import { type Company, createCompany, type RecordChange } from './store/company.ts'
import type { DuplicateStatus } from './store/write-record.ts'
import { postNotice } from './webhooks/post.ts'
import { createWebhooks, type Webhooks } from './webhooks/subscriptions.ts'

export interface BusinessCentralOptions {
  readonly port: number
  readonly host: string
  /** Customers; everything else in proportion. */
  readonly customers: number
  readonly seed: number
  readonly tenant: string
  readonly applications: readonly { readonly clientId: string; readonly clientSecret: string }[]
  /** Users on-premises, with their web service access keys. */
  readonly users: readonly BasicUser[]
  /** Null for a service without limits. */
  readonly limits: ServiceLimits | null
  readonly serviceTime: { readonly requestMs: number; readonly rowMs: number }
  readonly duplicateStatus: DuplicateStatus
  /** A new customer or vendor gets a company contact of its own. */
  readonly createsContacts: boolean
  readonly clock: TimeSource
  /** With 100 a window of 300 s lasts 3 s. */
  readonly timeScale: number
  /** Trouble that waits for its requests. */
  readonly faults: readonly Fault[]
}

export interface RunningBusinessCentral extends RunningServer {
  readonly simulation: Simulation
  /** What the admin interface does, without a request: at once. */
  readonly admin: AdminSite
  /** Root of the service online, `…/v2.0/{tenant}/{environment}`; its tokens come from `tokenUrl`. */
  readonly onlineUrl: string
  /** Root of the instance on-premises, for Basic sign-in. */
  readonly onPremisesUrl: string
  readonly tokenUrl: string
  readonly companies: readonly { readonly id: string; readonly name: string }[]
}

/** The scope of tokens (connectors.md B.9). */
export const scope = 'https://api.businesscentral.dynamics.com/.default'

/** The second company has a name that is hard to write into a URL, and few records. */
const companyNames = [
  ['c0a00000-0000-4000-8000-000000000001', 'CRONUS International Ltd.'],
  ['c0a00000-0000-4000-8000-000000000002', `O'Neill & Søn "Møbler" 100%`],
] as const
const smallCompany = 60
const tokenLifetimeMs = 3_600_000
const largestBodyBytes = 350 * 1_024 * 1_024
const deliverEveryMs = 50

/** Starts a Business Central of its own on a local port. */
export async function startBusinessCentral(options: BusinessCentralOptions): Promise<RunningBusinessCentral> {
  const time = createTime(options.clock, options.timeScale)
  const simulation = createSimulation(time)
  for (const fault of options.faults) simulation.faults.add(fault)
  const webhooks = createWebhooks(time, postNotice)
  const books = createBooks(options, time, webhooks)
  const { tenant, applications } = options
  const signIn = createSignIn({ tenant, applications, scope, tokenLifetimeMs }, time)
  const closing = new AbortController()
  const site = createSite(books, webhooks, simulation, { ...options, signIn, closing: closing.signal })
  const server = await serve(site, simulation, { ...options, largestBodyBytes })
  const timer = setInterval(() => void webhooks.deliver(), deliverEveryMs)
  return {
    url: server.url,
    simulation,
    admin: site.admin,
    onlineUrl: `${server.url}/v2.0/${tenant}/Production`,
    onPremisesUrl: `${server.url}/BC`,
    tokenUrl: `${server.url}/${tenant}/oauth2/v2.0/token`,
    companies: companyNames.map(([id, name]) => ({ id, name })),
    async close() {
      clearInterval(timer)
      closing.abort()
      await server.close()
    },
  }
}

/** The companies; a reset makes them anew. */
function createBooks(options: BusinessCentralOptions, time: SimulatedTime, webhooks: Webhooks) {
  const create = (): [Company, ...Company[]] => {
    const [first, ...others] = companyNames.map(([id, name], index) => {
      const customers = index === 0 ? options.customers : Math.min(smallCompany, options.customers)
      const { createsContacts } = options
      const setup = { id, name, tag: index + 1, seed: options.seed + index, size: seedSize(customers) }
      const announce = (change: RecordChange): void => announceChange(id, change, webhooks)
      return createCompany({ ...setup, setup: { createsContacts } }, time, announce)
    })
    if (first === undefined) throw new Error('There is no company.')
    return [first, ...others]
  }
  const books = {
    companies: create(),
    nowMs: () => time.nowMs(),
    duplicateStatus: options.duplicateStatus,
    reset() {
      books.companies = create()
    },
  }
  return books
}

/** Tells the webhooks of every set that shows the table. */
function announceChange(
  companyId: string,
  { table, id, changeType }: RecordChange,
  webhooks: Webhooks,
): void {
  for (const service of ['standard', 'custom'] as const) {
    for (const page of pages[service].values()) {
      if (page.table !== table || !page.isAnnounced) continue
      webhooks.note({ topic: topicOf(service, companyId, page.entitySet), id, changeType })
    }
  }
}
