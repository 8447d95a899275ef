import type { KeepDays } from '../core/ports/retention-store.ts'
import { optionalWholeNumber, setting, wholeNumber } from './setting.ts'

const MOST_DAYS = 36_500
const days = wholeNumber(1, MOST_DAYS)

/** How long what grows with time is kept. */
export const retentionSettings = {
  retentionDays: setting({
    variable: 'COUPLET_RETENTION_DAYS',
    doc: 'How long the outcome of each record is kept, by whole months; lists of matches as long.',
    default: '90',
    schema: days,
  }),
  retentionRunDays: setting({
    variable: 'COUPLET_RETENTION_RUN_DAYS',
    doc: 'How long a run that has ended is kept (an operation as well), with its lines, jobs and idempotency key; longer while outcomes, issues, couplings or an open question refer to it.',
    default: '90',
    schema: days,
  }),
  retentionPreviewDays: setting({
    variable: 'COUPLET_RETENTION_PREVIEW_DAYS',
    doc: 'How long a preview is kept.',
    default: '30',
    schema: days,
  }),
  retentionAlertDays: setting({
    variable: 'COUPLET_RETENTION_ALERT_DAYS',
    doc: 'How long alerts that are over and silences that have ended are kept.',
    default: '365',
    schema: days,
  }),
  retentionWebhookDays: setting({
    variable: 'COUPLET_RETENTION_WEBHOOK_DAYS',
    doc: 'How long events of webhooks are kept, with their deliveries, to be looked at and sent again; longer than COUPLET_WEBHOOK_RETRY_DAYS in any case.',
    default: '30',
    schema: days,
  }),
  retentionKeyDays: setting({
    variable: 'COUPLET_RETENTION_KEY_DAYS',
    doc: 'How long API keys that were revoked or have expired stay listed.',
    default: '365',
    schema: days,
  }),
  retentionAuditDays: setting({
    variable: 'COUPLET_RETENTION_AUDIT_DAYS',
    doc: 'How long entries of the audit log are kept; what is removed leaves its last hash in it, so that `couplet audit verify` still holds. Not set: for ever.',
    default: '',
    schema: optionalWholeNumber(1, MOST_DAYS),
  }),
} as const

type RetentionConfig = {
  readonly [N in keyof typeof retentionSettings]: (typeof retentionSettings)[N]['schema']['_output']
}

/** An event outlives its last attempt, which may be six hours after the days for which it is tried again. */
export function keepDaysOf(config: RetentionConfig & { readonly webhookRetryDays: number }): KeepDays {
  return {
    outcomes: config.retentionDays,
    'match lists': config.retentionDays,
    operations: config.retentionRunDays,
    previews: config.retentionPreviewDays,
    runs: config.retentionRunDays,
    alerts: config.retentionAlertDays,
    'webhook events': Math.max(config.retentionWebhookDays, config.webhookRetryDays + 1),
    keys: config.retentionKeyDays,
    audit: config.retentionAuditDays,
  }
}
