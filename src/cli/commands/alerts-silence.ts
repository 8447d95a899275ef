import { type Command, Option } from 'commander'
import type { AlertSilence } from '../../core/alerts/rule.ts'
import { SyncError } from '../../core/errors.ts'
import { jsonOption, parseId, parseWholeNumber } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatTime, print, printJson, printTable } from '../output.ts'
import { whoAsks, withContext } from '../session.ts'

const longestMinutes = 43_200

interface SilenceOptions {
  readonly rule?: string
  readonly pair?: string
  readonly mapping?: string
  readonly minutes: number
  readonly reason: string
  readonly json?: boolean
}

const listing = {
  columns: [
    { title: 'silence', align: 'right' as const },
    { title: 'of' },
    { title: 'until (UTC)' },
    { title: 'by' },
    { title: 'reason' },
  ],
  row: ({ id, ruleName, pairName, mappingName, until, createdBy, reason }: AlertSilence) => [
    String(id),
    [ruleName, pairName, mappingName].filter((name) => name !== null).join(' ') || 'everything',
    formatTime(until),
    createdBy,
    reason,
  ],
  empty: 'Nothing is silenced.',
}

/** `couplet alerts silence|silences|unsilence` */
export function addAlertSilences(alerts: Command, finish: Finish): void {
  alerts
    .command('silence')
    .description('tell nobody for a while (maintenance); what still speaks then is told afterwards')
    .addOption(
      new Option('--minutes <n>', 'for how long')
        .argParser(parseWholeNumber(1, longestMinutes))
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why')
    .option('--rule <name>', 'only this rule')
    .option('--pair <name>', 'only what is about this pair')
    .option('--mapping <name>', 'only what is about this mapping')
    .addOption(jsonOption())
    .action((options: SilenceOptions) => finish(() => add(options)))
  alerts
    .command('silences')
    .description('list what is silenced')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => finish(() => list(options)))
  alerts
    .command('unsilence')
    .description('end a silence now')
    .argument('<silence>', 'its number', parseId)
    .option('--reason <text>', 'why, for the audit log')
    .action((id: number, options: { reason?: string }) => finish(() => end(id, options)))
}

function add({ rule, pair, mapping, minutes, reason, json }: SilenceOptions): Promise<number> {
  return withContext(async ({ care }) => {
    if (rule !== undefined && !(await care.alerts.listRules()).some(({ name }) => name === rule)) {
      throw new SyncError('CONFIG_INVALID', `There is no rule ${rule}; see \`couplet alerts rules\``)
    }
    const silence = await care.alerts.addSilence({
      ruleName: rule ?? null,
      pairName: pair ?? null,
      mappingName: mapping ?? null,
      minutes,
      reason,
      createdBy: whoAsks(),
    })
    if (json) printJson({ silence })
    else print(`Silence ${silence.id} holds until ${formatTime(silence.until)} UTC`)
    return exitCodes.good
  })
}

function list({ json }: { json?: boolean }): Promise<number> {
  return withContext(async ({ care }) => {
    const silences = await care.alerts.listSilences()
    if (json) printJson({ silences })
    else printTable(silences, listing)
    return exitCodes.good
  })
}

function end(id: number, { reason = null }: { reason?: string | null }): Promise<number> {
  return withContext(async ({ care }) => {
    if (!(await care.alerts.endSilence(id, { by: whoAsks(), reason }))) {
      throw new SyncError('CONFIG_INVALID', `Silence ${id} does not hold; see \`couplet alerts silences\``)
    }
    print(`Silence ${id} is over`)
    return exitCodes.good
  })
}
