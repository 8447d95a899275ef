import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { toSyncError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/runtime.ts'
import type { Context } from '../context.ts'
import { createInstallationGauges, type InstallationGauges } from './installation-gauges.ts'
import { readInstallation, readQueues } from './read-installation.ts'

/** The page that Prometheus reads. */
export interface MetricsPage {
  readonly contentType: string
  /** Never throws because a part cannot be reached: `couplet_up` says which. */
  text(): Promise<string>
}

/** `installation`: also what holds for the whole installation; left out by processes of which there may be many. */
export function createMetricsPage(
  context: Pick<Context, 'deps' | 'care' | 'backend' | 'log' | 'metrics' | 'storePool'>,
  { installation }: { readonly installation: boolean },
): MetricsPage {
  const { register } = context.metrics
  prepare(register, context)
  const shared = installation ? new Registry() : null
  const gauges: InstallationGauges | null = shared && createInstallationGauges(shared)
  return {
    contentType: register.contentType,
    async text() {
      if (shared === null || gauges === null) return register.metrics()
      const [reading, queues] = await Promise.all([
        orNull('store', () => readInstallation(context), context.log),
        orNull('queue', () => readQueues(context), context.log),
      ])
      gauges.fill(reading, queues)
      return `${await register.metrics()}\n${await shared.metrics()}`
    },
  }
}

/** Memory, processor time, garbage collection and event loop, as every Node process says them; and the pool. */
function prepare(register: Registry, { storePool }: Pick<Context, 'storePool'>): void {
  if (register.getSingleMetric('couplet_pool_connections')) return
  collectDefaultMetrics({ register })
  new Gauge({
    name: 'couplet_pool_connections',
    help: 'Connections of this process to the store; waiting: work that has none.',
    labelNames: ['state'],
    registers: [register],
    collect() {
      const { total, idle, waiting } = storePool()
      this.set({ state: 'busy' }, total - idle)
      this.set({ state: 'idle' }, idle)
      this.set({ state: 'waiting' }, waiting)
    },
  })
}

async function orNull<T>(part: string, read: () => Promise<T>, log: Log): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    log.warn({ err: toSyncError(error), part }, 'Metrics could not be read')
    return null
  }
}
