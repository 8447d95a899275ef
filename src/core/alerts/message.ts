import { type AlertEvent, type AlertRule, metricFacts, type OpenAlert, yesOrNo } from './rule.ts'

/** One alert inside a message. */
export interface ToldAlert {
  readonly rule: AlertRule
  readonly alert: Pick<OpenAlert, 'subject' | 'pairName' | 'mappingName' | 'value' | 'since'>
}

/** What a channel is told at once: everything of one kind that is due. */
export interface AlertMessage {
  readonly event: AlertEvent
  /** One line. */
  readonly title: string
  /** For people, with a line for each alert. */
  readonly text: string
  /** For programs; the names are stable (docs/observability.md). */
  readonly alerts: readonly {
    readonly rule: string
    readonly severity: string
    readonly metric: string
    readonly unit: string
    readonly subject: string
    readonly pair: string | null
    readonly mapping: string | null
    readonly value: number
    readonly threshold: number
    readonly since: string
  }[]
}

const ranks = ['critical', 'warning', 'info'] as const

/** Puts together what several alerts have to say, the worst first. `told` is not empty. */
export function composeMessage(event: AlertEvent, told: readonly ToldAlert[]): AlertMessage {
  const sorted = [...told].sort(
    (a, b) =>
      ranks.indexOf(a.rule.severity) - ranks.indexOf(b.rule.severity) ||
      (a.alert.subject < b.alert.subject ? -1 : 1),
  )
  const worst = sorted[0]?.rule.severity ?? 'info'
  const what = sorted.length === 1 ? (sorted[0]?.rule.name ?? '') : `${sorted.length} alerts`
  const title = event === 'recovered' ? `[Couplet] recovered: ${what}` : `[Couplet] ${worst}: ${what}`
  return {
    event,
    title,
    text: sorted.map((one) => lineOf(event, one)).join('\n'),
    alerts: sorted.map(({ rule, alert }) => ({
      rule: rule.name,
      severity: rule.severity,
      metric: rule.metric,
      unit: metricFacts[rule.metric].unit,
      subject: alert.subject,
      pair: alert.pairName,
      mapping: alert.mappingName,
      value: alert.value,
      threshold: rule.threshold,
      since: alert.since,
    })),
  }
}

function lineOf(event: AlertEvent, { rule, alert }: ToldAlert): string {
  const since = `since ${alert.since.slice(0, 16).replace('T', ' ')} UTC`
  if (event === 'recovered') return `${alert.subject}: ${rule.name} is over (it spoke ${since})`
  return `${alert.subject}: ${describeValue(rule, alert.value)} (${rule.severity}, rule ${rule.name}, ${since})`
}

/** "70 minutes since the last synchronization that went well began, more than 60", or "cannot be reached". */
export function describeValue({ metric, threshold }: AlertRule, value: number): string {
  const { unit, says } = metricFacts[metric]
  return unit === yesOrNo ? says : `${value} ${unit} ${says}, more than ${threshold}`
}
