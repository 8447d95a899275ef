import { toSyncError } from '../../core/errors.ts'
import { sleep } from '../../lib/sleep.ts'
import { deliverAlerts } from '../../usecases/alerts/deliver-alerts.ts'
import { evaluateAlerts } from '../../usecases/alerts/evaluate-alerts.ts'
import { pauseWork } from '../../usecases/control/pauses.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import type { Context } from '../context.ts'
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

/** Watches the installation for people; a round that fails is made up for by the next. */
export function alertsPart(context: Context): Part {
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  const watch = async () => {
    while (!stopping.signal.aborted) {
      await sleep(context.config.alertSeconds * 1_000, stopping.signal)
      if (stopping.signal.aborted) return
      await watchOnce(context).catch((error: unknown) =>
        context.log.error(
          { err: toSyncError(error) },
          'Alerts could not be looked at; the next round tries again',
        ),
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
