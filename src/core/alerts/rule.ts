/** What a rule may watch (docs/observability.md). Each is a whole number of its unit. */
export const alertMetrics = [
  'mapping-late',
  'mapping-age',
  'failed-records',
  'failed-runs',
  'open-issues',
  'open-conflicts',
  'held-deletions',
  'queue-wait',
  'run-duration',
  'budget-used',
  'webhook-failing',
  'queue-unreachable',
  'connection-down',
  'no-worker',
  'no-leader',
] as const
export type AlertMetric = (typeof alertMetrics)[number]

export const alertSeverities = ['info', 'warning', 'critical'] as const
export type AlertSeverity = (typeof alertSeverities)[number]

export const channelKinds = ['email', 'slack', 'webhook'] as const
export type ChannelKind = (typeof channelKinds)[number]

/** What is done by itself when a rule begins to speak. */
export const alertActions = ['none', 'pause'] as const
export type AlertAction = (typeof alertActions)[number]

/** What a message is about: a rule has begun to speak, or it is over. */
export const alertEvents = ['fired', 'recovered'] as const
export type AlertEvent = (typeof alertEvents)[number]

/** Unit of what holds or does not: 1 or 0. How long it holds is the window of the rule, which outlives whoever looks. */
export const yesOrNo = 'yes/no'

interface MetricFacts {
  readonly unit: string
  /** What its readings are told apart by. */
  readonly per:
    | 'mapping'
    | 'pair'
    | 'queue'
    | 'connection'
    | 'user of a connection'
    | 'webhook'
    | 'installation'
  /** True: the window is what is counted. False: the value has to stay above the threshold for the window. */
  readonly countsWindow: boolean
  /** Completes "<subject>: 70 minutes …"; of what holds or does not, "<subject>: …". */
  readonly says: string
}

/** What each metric measures. */
export const metricFacts: Readonly<Record<AlertMetric, MetricFacts>> = {
  'mapping-late': {
    unit: 'minutes',
    per: 'mapping',
    countsWindow: false,
    says: 'since its schedule should have brought it up to date',
  },
  'mapping-age': {
    unit: 'minutes',
    per: 'mapping',
    countsWindow: false,
    says: 'since the last synchronization that went well began',
  },
  'failed-records': { unit: 'records', per: 'mapping', countsWindow: true, says: 'failed' },
  'failed-runs': { unit: 'runs', per: 'pair', countsWindow: true, says: 'failed' },
  'open-issues': {
    unit: 'records',
    per: 'mapping',
    countsWindow: false,
    says: 'failed, wait or are set aside',
  },
  'open-conflicts': { unit: 'records', per: 'mapping', countsWindow: false, says: 'wait for a decision' },
  'held-deletions': {
    unit: 'deletions',
    per: 'mapping',
    countsWindow: false,
    says: 'are held until somebody approves them',
  },
  'queue-wait': {
    unit: 'seconds',
    per: 'queue',
    countsWindow: false,
    says: 'that the oldest job has been waiting for a worker',
  },
  'run-duration': {
    unit: 'minutes',
    per: 'pair',
    countsWindow: false,
    says: 'since the oldest unfinished run was asked for',
  },
  'budget-used': {
    unit: 'percent',
    per: 'user of a connection',
    countsWindow: false,
    says: 'of what the system grants are used',
  },
  'webhook-failing': {
    unit: 'minutes',
    per: 'webhook',
    countsWindow: false,
    says: 'since anything was sent to it that it took',
  },
  'queue-unreachable': { unit: yesOrNo, per: 'installation', countsWindow: false, says: 'cannot be reached' },
  'connection-down': {
    unit: 'minutes',
    per: 'connection',
    countsWindow: false,
    says: 'since it was noticed that its system is out of reach',
  },
  'no-worker': {
    unit: yesOrNo,
    per: 'queue',
    countsWindow: false,
    says: 'no process takes its jobs',
  },
  'no-leader': { unit: yesOrNo, per: 'installation', countsWindow: false, says: 'none leads' },
}

/** False: the metric of a rule is of a newer version, as an update leaves them for a process that still runs. */
export function isKnownMetric(metric: string): boolean {
  return Object.hasOwn(metricFacts, metric)
}

/** One rule: metric, window, threshold, severity, channels, action and recovery (dashboard.md §3.9). */
export interface AlertRule {
  readonly id: number
  readonly name: string
  readonly metric: AlertMetric
  /** Null: every pair, every mapping. */
  readonly pairName: string | null
  readonly mappingName: string | null
  readonly windowMinutes: number
  /** Speaks when the value is larger. */
  readonly threshold: number
  /** Over again at this value or below; null: at the threshold. */
  readonly recoverAt: number | null
  readonly severity: AlertSeverity
  /** Names of channels; empty: all of them. */
  readonly channels: readonly string[]
  readonly action: AlertAction
  readonly enabled: boolean
}

/** One value of a metric at one moment. */
export interface AlertReading {
  /** Names what was measured; the same thing always has the same name. */
  readonly subject: string
  readonly pairName: string | null
  readonly mappingName: string | null
  readonly value: number
}

/** A rule that speaks about a subject, or is about to. */
export interface OpenAlert {
  readonly id: number
  readonly ruleId: number
  readonly subject: string
  readonly pairName: string | null
  readonly mappingName: string | null
  readonly value: number
  /** ISO times. */
  readonly since: string
  readonly firedAt: string | null
  readonly toldAt: string | null
}

/** Nobody is told of what it means; null means everything. */
export interface AlertSilence {
  readonly id: number
  readonly ruleName: string | null
  readonly pairName: string | null
  readonly mappingName: string | null
  /** ISO time. */
  readonly until: string
  readonly reason: string
  readonly createdBy: string
}

/** Where alerts are sent to. */
export interface AlertChannel {
  readonly id: number
  readonly name: string
  readonly kind: ChannelKind
  /** email: addresses with commas between; else a reference (`env:NAME`, `file:/path`) to the address to post to. */
  readonly target: string
}
