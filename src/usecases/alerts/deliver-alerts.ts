import { type AlertMessage, composeMessage } from '../../core/alerts/message.ts'
import { type AlertChannel, isKnownMetric } from '../../core/alerts/rule.ts'
import { type SyncError, toSyncError } from '../../core/errors.ts'
import type { AlertStore, DueDelivery } from '../../core/ports/alert-store.ts'
import type { Log } from '../../core/ports/runtime.ts'
import { backoffMs } from '../../lib/backoff.ts'
import { groupBy } from '../../lib/group.ts'

export interface DeliveryDeps {
  readonly alerts: Pick<
    AlertStore,
    'takeDeliveries' | 'endDeliveries' | 'postponeDeliveries' | 'putBackDeliveries'
  >
  /** Sends one message to one channel; throws when it was not taken, CONFIG_INVALID when this process lacks a setting. */
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
 * is tried again later and later, at least once an hour, and holds up no other. What this process cannot send, because it
 * lacks the settings of the channel or is older than the rule, it leaves to those that can.
 */
export async function deliverAlerts(deps: DeliveryDeps): Promise<void> {
  const due = await deps.alerts.takeDeliveries({ limit: BATCH, holdMs: HOLD_MS })
  const newer = due.filter(({ told }) => !isKnownMetric(told.rule.metric))
  const message =
    'The metric of the rule is of a newer version of Couplet: a process of that version sends this'
  if (newer.length > 0) await deps.alerts.putBackDeliveries(idsOf(newer), message)
  const own = due.filter((one) => !newer.includes(one))
  const groups = groupBy(own, ({ channel, event }) => `${channel.id} ${event}`)
  await Promise.all([...groups.values()].map((group) => deliver(group, deps)))
}

const idsOf = (deliveries: readonly DueDelivery[]) => deliveries.map(({ id }) => id)

async function deliver(group: readonly DueDelivery[], deps: DeliveryDeps): Promise<void> {
  const [first] = group
  if (first === undefined) return
  try {
    const told = group.map((one) => one.told)
    await deps.send(first.channel, composeMessage(first.event, told))
    await deps.alerts.endDeliveries(idsOf(group))
  } catch (error) {
    await keepForLater(group, first.channel, toSyncError(error), deps)
  }
}

async function keepForLater(
  group: readonly DueDelivery[],
  channel: AlertChannel,
  failure: SyncError,
  { alerts, random, log }: DeliveryDeps,
): Promise<void> {
  const facts = { err: failure, channel: channel.name }
  if (failure.code === 'CONFIG_INVALID') {
    log.warn(facts, 'This process lacks a setting for sending alerts; one that has it sends them')
    return alerts.putBackDeliveries(idsOf(group), failure.message)
  }
  log.warn(facts, 'Alerts could not be sent; they are sent later')
  const attempts = Math.min(...group.map((one) => one.attempts))
  return alerts.postponeDeliveries(idsOf(group), failure.message, backoffMs(attempts, pauses, random()))
}
