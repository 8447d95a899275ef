import { judgeRule, type RulePlan } from '../../core/alerts/judge-rule.ts'
import {
  type AlertMetric,
  type AlertReading,
  type AlertRule,
  isKnownMetric,
  type OpenAlert,
} from '../../core/alerts/rule.ts'
import { toSyncError } from '../../core/errors.ts'
import type { AlertStore } from '../../core/ports/alert-store.ts'
import type { Log } from '../../core/ports/runtime.ts'

export interface EvaluationDeps {
  readonly alerts: AlertStore
  /** All values of a metric now; `windowMinutes` matters to metrics that count a window. */
  readonly readMetric: (metric: AlertMetric, windowMinutes: number) => Promise<readonly AlertReading[]>
  /** Pauses the mapping that an alert is about; again does no harm. */
  readonly pause: (
    mapping: { readonly pair: string; readonly mapping: string },
    rule: AlertRule,
  ) => Promise<void>
  readonly log: Log
}

/**
 * Looks at every rule once. Safe to run in several processes at once, and to be cut off anywhere: what one look changes is
 * one transaction with the messages it owes. A metric that cannot be read, or that only a newer version knows, leaves its
 * rules as they are.
 */
export async function evaluateAlerts({ alerts, readMetric, pause, log }: EvaluationDeps): Promise<void> {
  const [rules, silences] = await Promise.all([alerts.listRules(), alerts.listSilences()])
  for (const rule of rules) {
    if (!isKnownMetric(rule.metric)) continue
    try {
      const readings = rule.enabled ? await readMetric(rule.metric, rule.windowMinutes) : []
      const { now, alerts: open } = await alerts.findOpen(rule.id)
      const plan = judgeRule(rule, { readings, open, silences, now })
      // Before it is noted that the rule speaks: who dies in between pauses again.
      if (rule.action === 'pause') {
        for (const { pairName, mappingName } of beginners(plan, open)) {
          if (pairName !== null && mappingName !== null)
            await pause({ pair: pairName, mapping: mappingName }, rule)
        }
      }
      await alerts.applyPlan(rule, plan)
    } catch (error) {
      log.warn(
        { err: toSyncError(error), rule: rule.name },
        'An alert rule could not be looked at; the next round tries again',
      )
    }
  }
}

/** What the rule begins to speak about. */
function beginners(
  plan: RulePlan,
  open: readonly OpenAlert[],
): readonly Pick<AlertReading, 'pairName' | 'mappingName'>[] {
  const opened = plan.open.filter(({ isFired }) => isFired).map(({ reading }) => reading)
  return [...opened, ...open.filter(({ id }) => plan.fire.includes(id))]
}
