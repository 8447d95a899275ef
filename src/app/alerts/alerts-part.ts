import { toSyncError } from '../../core/errors.ts'
import { sleep } from '../../lib/sleep.ts'
import { deliverAlerts } from '../../usecases/alerts/deliver-alerts.ts'
import { evaluateAlerts } from '../../usecases/alerts/evaluate-alerts.ts'
import { pauseWork } from '../../usecases/control/pauses.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import type { Context } from '../context.ts'
import { LEADERSHIP } from '../leader-part.ts'
import type { Part } from '../life-cycle.ts'
import { readMetric } from './read-metric.ts'
import { sendAlert } from './send-alert.ts'

/** Looks at all alert rules and sends what is owed, once. */
export async function watchOnce(context: Context): Promise<void> {
  const { care, config, deps, log } = context
  const { alerts } = care
  await evaluateAlerts({
    alerts,
    log,
    readMetric: (metric, windowMinutes) => readMetric(context, metric, windowMinutes),
    pause: async ({ pair, mapping }, rule) => {
      const { id: pairId } = await getPairByName(pair, deps)
      const act = { by: `alert rule ${rule.name}`, reason: `Alert rule ${rule.name} speaks` }
      await pauseWork({ pairId, mapping }, { cause: 'automatic', until: null }, act, deps)
    },
  })
  const send = (...[channel, message]: Parameters<Parameters<typeof deliverAlerts>[0]['send']>) =>
    sendAlert(channel, message, config)
  await deliverAlerts({ alerts, log, random: deps.random, send })
}

/** Of the processes that could watch in place of a leader, one does at a time: a round is taken by whoever comes first. */
const STAND_IN = 'alerts/stand-in'

/**
 * The same by a process that is no scheduler, once, while none leads: otherwise nobody would be told of that. Several at once
 * take turns; who dies over it is followed by another one a round later.
 */
export async function standInOnce(context: Context): Promise<void> {
  const { config, deps, log } = context
  const { leases } = deps.stores
  if (await leases.isHeld(LEADERSHIP)) return
  const { acquired } = await leases.acquire({
    resources: [STAND_IN],
    holder: deps.processName,
    ttlMs: config.alertSeconds * 1_000,
  })
  if (!acquired) return
  log.warn({}, 'No scheduler leads; this process looks at the alerts meanwhile')
  await watchOnce(context)
}

/** Watches the installation for people, in the scheduler that leads. */
export const alertsPart = (context: Context): Part => watching(context, () => watchOnce(context))

/** Watches it in a process that is no scheduler, while none leads. */
export const standInPart = (context: Context): Part => watching(context, () => standInOnce(context))

/** A round that fails is made up for by the next. */
function watching({ config, log }: Context, look: () => Promise<void>): Part {
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  const watch = async () => {
    while (!stopping.signal.aborted) {
      await sleep(config.alertSeconds * 1_000, stopping.signal)
      if (stopping.signal.aborted) return
      await look().catch((error: unknown) =>
        log.error({ err: toSyncError(error) }, 'Alerts could not be looked at; the next round tries again'),
      )
    }
  }
  return {
    name: 'alerts',
    async start() {
      loop = watch()
    },
    async drain() {
      stopping.abort()
      await loop
    },
  }
}
