import { type AlertMessage, composeMessage } from '../../core/alerts/message.ts'
import type { AlertChannel } from '../../core/alerts/rule.ts'
import { toSyncError } from '../../core/errors.ts'
import type { AlertStore, DueDelivery } from '../../core/ports/alert-store.ts'
import type { Log } from '../../core/ports/runtime.ts'
import { backoffMs } from '../../lib/backoff.ts'
import { groupBy } from '../../lib/group.ts'

export interface DeliveryDeps {
  readonly alerts: Pick<AlertStore, 'takeDeliveries' | 'endDeliveries' | 'postponeDeliveries'>
  /** Sends one message to one channel; throws when it was not taken. */
  readonly send: (channel: AlertChannel, message: AlertMessage) => Promise<void>
  readonly random: () => number
  readonly log: Log
}

const BATCH = 500
/** Longer than any channel may take for a message. */
const HOLD_MS = 120_000
const pauses = { firstMs: 30_000, maxMs: 3_600_000 }

/**
 * Sends what is owed to the channels: everything of one kind that is due for one of them in one message. A message may
 * come twice when the process dies between sending it and noting that; it is never lost. A channel that does not take it
 * is tried again later and later, at least once an hour, and holds up no other.
 */
export async function deliverAlerts({ alerts, send, random, log }: DeliveryDeps): Promise<void> {
  const due = await alerts.takeDeliveries({ limit: BATCH, holdMs: HOLD_MS })
  const groups = groupBy(due, ({ channel, event }) => `${channel.id} ${event}`)
  await Promise.all([...groups.values()].map((group) => deliver(group)))

  async function deliver(group: readonly DueDelivery[]): Promise<void> {
    const [first] = group
    if (first === undefined) return
    const ids = group.map(({ id }) => id)
    const message = composeMessage(
      first.event,
      group.map(({ told }) => told),
    )
    try {
      await send(first.channel, message)
      await alerts.endDeliveries(ids)
    } catch (error) {
      const failure = toSyncError(error)
      log.warn({ err: failure, channel: first.channel.name }, 'Alerts could not be sent; they are sent later')
      const attempts = Math.min(...group.map((one) => one.attempts))
      await alerts.postponeDeliveries(ids, failure.message, backoffMs(attempts, pauses, random()))
    }
  }
}
