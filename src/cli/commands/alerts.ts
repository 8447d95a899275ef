import type { Command } from 'commander'
import { describeValue } from '../../core/alerts/message.ts'
import { type AlertRule, metricFacts, yesOrNo } from '../../core/alerts/rule.ts'
import type { ListedAlert } from '../../core/ports/alert-store.ts'
import { addDefaultList, jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatTime, printJson, printTable } from '../output.ts'
import { withContext } from '../session.ts'
import { addAlertChannels } from './alerts-channel.ts'
import { addAlertRules } from './alerts-rule.ts'
import { addAlertSilences } from './alerts-silence.ts'

const LISTED = 200

const alertListing = {
  columns: [
    { title: 'severity' },
    { title: 'rule' },
    { title: 'subject' },
    { title: 'state' },
    { title: 'since (UTC)' },
    { title: 'what' },
  ],
  row: ({ rule, subject, value, since, ...alert }: ListedAlert) => [
    rule.severity,
    rule.name,
    subject,
    stateOf(alert),
    formatTime(since),
    describeValue(rule, value),
  ],
  empty: 'No rule speaks.',
}

function stateOf({
  firedAt,
  toldAt,
  recoveredAt,
  deliveryError,
}: Pick<ListedAlert, 'firedAt' | 'toldAt' | 'recoveredAt' | 'deliveryError'>): string {
  if (recoveredAt !== null) return 'recovered'
  if (firedAt === null) return 'not yet'
  if (toldAt === null) return 'silenced'
  return deliveryError === null ? 'speaks' : `speaks; not sent: ${deliveryError}`
}

const ruleListing = {
  columns: [
    { title: 'rule' },
    { title: 'of' },
    { title: 'speaks when' },
    { title: 'severity' },
    { title: 'channels' },
    { title: 'state' },
  ],
  row: (rule: AlertRule) => [
    rule.name,
    [rule.pairName, rule.mappingName].filter((name) => name !== null).join(' ') || 'all',
    conditionOf(rule),
    rule.severity,
    rule.channels.join(', ') || 'all',
    rule.enabled ? 'on' : 'off',
  ],
  empty: 'There are no rules. Make one with `couplet alerts add`.',
}

/** "failed-records > 50 records in 60 min", "no-worker for 5 min". */
function conditionOf({ metric, threshold, windowMinutes }: AlertRule): string {
  const { unit, countsWindow } = metricFacts[metric]
  const window = windowMinutes === 0 ? '' : ` ${countsWindow ? 'in' : 'for'} ${windowMinutes} min`
  const exceeds = unit === yesOrNo ? '' : ` > ${threshold} ${unit}`
  return `${metric}${exceeds}${window}`
}

/** `couplet alerts …` */
export function addAlerts(program: Command, finish: Finish): void {
  const alerts = program.command('alerts').description('Rules that tell people when something is wrong')
  addDefaultList(alerts)
    .description('list what the rules say now; `couplet alerts` does it, too')
    .option('--recovered', 'also those that are over')
    .addOption(jsonOption())
    .action((options: { json?: boolean; recovered?: boolean }) => finish(() => listAlerts(options)))
  alerts
    .command('rules')
    .description('list the rules')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => finish(() => listRules(options)))
  addAlertRules(alerts, finish)
  addAlertChannels(alerts, finish)
  addAlertSilences(alerts, finish)
}

function listAlerts({ json, recovered }: { json?: boolean; recovered?: boolean }): Promise<number> {
  return withContext(async ({ care }) => {
    const alerts = await care.alerts.listAlerts({ recovered: recovered === true, limit: LISTED })
    if (json) printJson({ alerts })
    else printTable(alerts, alertListing)
    return exitCodes.good
  })
}

function listRules({ json }: { json?: boolean }): Promise<number> {
  return withContext(async ({ care }) => {
    const rules = await care.alerts.listRules()
    if (json) printJson({ rules })
    else printTable(rules, ruleListing)
    return exitCodes.good
  })
}
