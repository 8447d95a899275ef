import { type Command, Option } from 'commander'
import {
  type AlertMetric,
  type AlertSeverity,
  alertMetrics,
  alertSeverities,
} from '../../core/alerts/rule.ts'
import { SyncError } from '../../core/errors.ts'
import { saveAlertRule } from '../../usecases/alerts/change-alerts.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { jsonOption, parseWholeNumber } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print, printJson } from '../output.ts'
import { whoAsks, withContext } from '../session.ts'

const most = 1_000_000_000
const longestMinutes = 525_600

interface AddOptions {
  readonly metric: AlertMetric
  readonly above: number
  readonly window: number
  readonly recoverAt?: number
  readonly severity: AlertSeverity
  readonly channel: readonly string[]
  readonly pair?: string
  readonly mapping?: string
  readonly pause?: boolean
  readonly off?: boolean
  readonly reason?: string
  readonly json?: boolean
}

/** `couplet alerts add|remove` */
export function addAlertRules(alerts: Command, finish: Finish): void {
  alerts
    .command('add')
    .description('make a rule, or replace the one of that name')
    .argument('<name>', 'name of the rule')
    .addOption(new Option('--metric <metric>', 'what it watches').choices(alertMetrics).makeOptionMandatory())
    .addOption(
      new Option('--above <n>', 'speak when the value is larger')
        .argParser(parseWholeNumber(0, most))
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--window <minutes>', 'how long it has to last, or what is counted together')
        .argParser(parseWholeNumber(0, longestMinutes))
        .default(0),
    )
    .addOption(
      new Option('--recover-at <n>', 'over again at this value; otherwise at the threshold').argParser(
        parseWholeNumber(0, most),
      ),
    )
    .addOption(new Option('--severity <severity>').choices(alertSeverities).default('warning'))
    .addOption(
      new Option('--channel <name>', 'who is told, as often as needed')
        .argParser((name: string, before: readonly string[]) => [...before, name])
        .default([], 'all channels'),
    )
    .option('--pair <name>', 'only of this pair')
    .option('--mapping <name>', 'only of this mapping')
    .option('--pause', 'also pause the mapping when the rule begins to speak; a person resumes it')
    .option('--off', 'keep the rule, but let it say nothing')
    .option('--reason <text>', 'why, for the audit log')
    .addOption(jsonOption())
    .action((name: string, options: AddOptions) => finish(() => add(name, options)))
  alerts
    .command('remove')
    .description('remove a rule, and what it says')
    .argument('<name>', 'name of the rule')
    .option('--reason <text>', 'why, for the audit log')
    .action((name: string, options: { reason?: string }) => finish(() => remove(name, options)))
}

function add(name: string, options: AddOptions): Promise<number> {
  return withContext(async ({ care, deps }) => {
    if (options.pair !== undefined) await getPairByName(options.pair, deps)
    const rule = await saveAlertRule(
      {
        name,
        metric: options.metric,
        pairName: options.pair ?? null,
        mappingName: options.mapping ?? null,
        windowMinutes: options.window,
        threshold: options.above,
        recoverAt: options.recoverAt ?? null,
        severity: options.severity,
        channels: options.channel,
        action: options.pause === true ? 'pause' : 'none',
        enabled: options.off !== true,
      },
      { by: whoAsks(), reason: options.reason ?? null },
      care,
    )
    if (options.json) printJson({ rule })
    else print(`Rule ${name} is stored`)
    return exitCodes.good
  })
}

function remove(name: string, { reason = null }: { reason?: string | null }): Promise<number> {
  return withContext(async ({ care }) => {
    if (!(await care.alerts.removeRule(name, { by: whoAsks(), reason }))) {
      throw new SyncError('CONFIG_INVALID', `There is no rule ${name}; see \`couplet alerts rules\``)
    }
    print(`Rule ${name} is removed`)
    return exitCodes.good
  })
}
