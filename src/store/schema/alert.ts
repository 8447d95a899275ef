import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, text, uniqueIndex } from 'drizzle-orm/pg-core'
import {
  alertActions,
  alertEvents,
  alertMetrics,
  alertSeverities,
  channelKinds,
} from '../../core/alerts/rule.ts'
import { bigNumber, couplet, identity, instant, isOneOf, keyText, stamp } from './columns.ts'

/** Where alerts are sent to; a target that is a secret is referred to, never stored. */
export const alertChannel = couplet.table(
  'alert_channel',
  {
    id: identity(),
    name: text().notNull().unique(),
    kind: text({ enum: channelKinds }).notNull(),
    target: text().notNull(),
    createdAt: stamp(),
  },
  (table) => [check('alert_channel_kind', isOneOf(table.kind, channelKinds))],
)

/** When somebody is told, about what, and what is done by itself (dashboard.md §3.9). */
export const alertRule = couplet.table(
  'alert_rule',
  {
    id: identity(),
    name: text().notNull().unique(),
    metric: text({ enum: alertMetrics }).notNull(),
    /** Null: every pair, every mapping. */
    pairName: text(),
    mappingName: text(),
    windowMinutes: integer().notNull(),
    threshold: integer().notNull(),
    /** The value at which it is over again; null: when it no longer exceeds the threshold. */
    recoverAt: integer(),
    severity: text({ enum: alertSeverities }).notNull(),
    /** Names of channels; empty: all of them. */
    channels: text().array().notNull().default([]),
    action: text({ enum: alertActions }).notNull().default('none'),
    enabled: boolean().notNull().default(true),
    createdAt: stamp(),
    updatedAt: stamp(),
  },
  (table) => [
    check('alert_rule_metric', isOneOf(table.metric, alertMetrics)),
    check('alert_rule_severity', isOneOf(table.severity, alertSeverities)),
    check('alert_rule_action', isOneOf(table.action, alertActions)),
    check('alert_rule_window', sql`${table.windowMinutes} >= 0`),
    check('alert_rule_recover', sql`${table.recoverAt} <= ${table.threshold}`),
  ],
)

/** A rule that speaks, or has spoken, about one subject: a mapping, a pair, a queue, a user of a connection. */
export const alert = couplet.table(
  'alert',
  {
    id: identity(),
    ruleId: bigNumber()
      .notNull()
      .references(() => alertRule.id, { onDelete: 'cascade' }),
    subject: keyText().notNull(),
    pairName: text(),
    mappingName: text(),
    value: bigNumber().notNull(),
    /** Since when the threshold is exceeded. */
    since: stamp(),
    /** Since when the rule speaks: it has been exceeded for the window. */
    firedAt: instant(),
    /** When the message was handed to the channels; null: silenced, or not yet. */
    toldAt: instant(),
    recoveredAt: instant(),
  },
  (table) => [
    // Of two evaluations at the same time one opens the alert.
    uniqueIndex('alert_open').on(table.ruleId, table.subject).where(sql`${table.recoveredAt} is null`),
    index('alert_recovered').on(table.recoveredAt).where(sql`${table.recoveredAt} is not null`),
  ],
)

/** A message that is owed to a channel: written with the change it tells of, removed when it has been sent. */
export const alertDelivery = couplet.table(
  'alert_delivery',
  {
    id: identity(),
    alertId: bigNumber()
      .notNull()
      .references(() => alert.id, { onDelete: 'cascade' }),
    channelId: bigNumber()
      .notNull()
      .references(() => alertChannel.id, { onDelete: 'cascade' }),
    event: text({ enum: alertEvents }).notNull(),
    attempts: integer().notNull().default(0),
    error: text(),
    nextAttemptAt: stamp(),
  },
  (table) => [
    index('alert_delivery_due').on(table.nextAttemptAt),
    index('alert_delivery_of_alert').on(table.alertId),
    index('alert_delivery_of_channel').on(table.channelId),
    check('alert_delivery_event', isOneOf(table.event, alertEvents)),
  ],
)

/** Nobody is told of what is meant here, until a time: maintenance. */
export const alertSilence = couplet.table('alert_silence', {
  id: identity(),
  ruleName: text(),
  pairName: text(),
  mappingName: text(),
  until: instant().notNull(),
  reason: text().notNull(),
  createdBy: text().notNull(),
  createdAt: stamp(),
})
