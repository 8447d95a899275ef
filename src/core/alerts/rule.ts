/** What a rule may watch (docs/alerts.md). Each is a whole number of its unit. */
export const alertMetrics = [
  'mapping-age',
  'failed-records',
  'failed-runs',
  'open-issues',
  'open-conflicts',
  'held-deletions',
  'queue-wait',
  'run-duration',
  'budget-used',
] as const

export const alertSeverities = ['info', 'warning', 'critical'] as const

export const channelKinds = ['email', 'slack', 'webhook'] as const

/** What is done by itself when a rule begins to speak. */
export const alertActions = ['none', 'pause'] as const

/** What a message is about: a rule has begun to speak, or it is over. */
export const alertEvents = ['fired', 'recovered'] as const
