import { type AlertChannel, type AlertRule, metricFacts, yesOrNo } from '../../core/alerts/rule.ts'
import { SyncError } from '../../core/errors.ts'
import type { AlertStore, ChangedBy } from '../../core/ports/alert-store.ts'
import { assertName } from '../access/keys.ts'

const addresses = /^[^\s@<>,;]+@[^\s@<>,;]+(,\s*[^\s@<>,;]+@[^\s@<>,;]+)*$/

/** Stores a rule, or replaces the one of that name. Throws CONFIG_INVALID that names what is wrong. */
export async function saveAlertRule(
  rule: Omit<AlertRule, 'id'>,
  changed: ChangedBy,
  { alerts }: { readonly alerts: AlertStore },
): Promise<AlertRule> {
  assertName('name', rule.name)
  const { unit, per, countsWindow } = metricFacts[rule.metric]
  if (rule.mappingName !== null && per !== 'mapping') {
    throw invalid(`mapping = '${rule.mappingName}': ${rule.metric} is measured per ${per}`)
  }
  if (rule.pairName !== null && per !== 'mapping' && per !== 'pair') {
    throw invalid(`pair = '${rule.pairName}': ${rule.metric} is measured per ${per}`)
  }
  if (rule.action === 'pause' && per !== 'mapping') {
    throw invalid(`pause: ${rule.metric} is measured per ${per}, so there is no mapping to pause`)
  }
  if (countsWindow && rule.windowMinutes === 0) {
    throw invalid(`window = '0': ${rule.metric} counts what happens in a window, so it needs one`)
  }
  if (unit === yesOrNo && rule.threshold > 0) {
    throw invalid(`above = '${rule.threshold}': ${rule.metric} is 1 or 0; for how long is said by the window`)
  }
  if (rule.recoverAt !== null && rule.recoverAt > rule.threshold) {
    throw invalid(`recover-at = '${rule.recoverAt}': it must not be above the threshold, ${rule.threshold}`)
  }
  const known = (await alerts.listChannels()).map(({ name }) => name)
  const unknown = rule.channels.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw invalid(
      `channel = '${unknown.join(', ')}': there is no such channel; there are: ${known.join(', ') || 'none'}`,
    )
  }
  return alerts.saveRule(rule, changed)
}

/** Stores a channel, or replaces the one of that name. Throws CONFIG_INVALID; never shows a target that may be a secret. */
export async function saveAlertChannel(
  channel: Omit<AlertChannel, 'id'>,
  changed: ChangedBy,
  { alerts }: { readonly alerts: AlertStore },
): Promise<AlertChannel> {
  assertName('name', channel.name)
  if (channel.kind === 'email') {
    if (!addresses.test(channel.target)) {
      throw invalid(`to = '${channel.target}': expected addresses with commas between them`)
    }
  } else if (!/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/.test(channel.target)) {
    throw invalid(
      `to: expected env:NAME or file:/path, which say where the address stands: whoever knows it can post there`,
    )
  }
  return alerts.saveChannel(channel, changed)
}

const invalid = (message: string) => new SyncError('CONFIG_INVALID', message)
