import type { AlertRule } from '../../src/core/alerts/rule.ts'

/** Fires at once, for everybody, and does nothing else; without what each rule has of its own. */
export const plainRule = {
  pairName: null,
  mappingName: null,
  windowMinutes: 0,
  threshold: 0,
  recoverAt: null,
  severity: 'critical',
  channels: [],
  action: 'none',
  enabled: true,
} as const satisfies Partial<AlertRule>
