import { sql } from 'drizzle-orm'
import { boolean, check, foreignKey, index, integer, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { deliveryStates } from '../../core/ports/webhook-store.ts'
import { type EventType, eventData, wantedEvents } from '../../core/webhooks/event.ts'
import { Detail } from '../json.ts'
import { bigNumber, couplet, identity, instant, isOneOf, plainJson, stamp } from './columns.ts'

const eventTypes = Object.keys(eventData) as [EventType, ...EventType[]]

/** Who is told of events. Its secrets are sealed, and part of no backup. */
export const webhookEndpoint = couplet.table('webhook_endpoint', {
  id: identity(),
  name: text().notNull().unique(),
  url: text().notNull(),
  events: text({ enum: wantedEvents }).array().notNull(),
  /** Null: every pair. */
  pairName: text(),
  /** Empty: every mapping. */
  mappingNames: text().array().notNull().default([]),
  /** Null after a restore. */
  secret: text(),
  /** Signs as well until its time is over. */
  previousSecret: text(),
  previousUntil: instant(),
  enabled: boolean().notNull().default(true),
  disabledReason: text(),
  failingSince: instant(),
  createdAt: stamp(),
  updatedAt: stamp(),
})

/** Something that somebody wants to know, written by the transaction that made it true. */
export const webhookEvent = couplet.table(
  'webhook_event',
  {
    id: uuid().primaryKey().defaultRandom(),
    type: text({ enum: eventTypes }).notNull(),
    at: instant().notNull().default(sql`clock_timestamp()`),
    data: plainJson(Detail.parse)().notNull(),
  },
  (table) => [
    index('webhook_event_at').on(table.at),
    check('webhook_event_type', isOneOf(table.type, eventTypes)),
  ],
)

/** One event for one receiver: an endpoint, or the callback of a run. */
export const webhookDelivery = couplet.table(
  'webhook_delivery',
  {
    id: identity(),
    eventId: uuid()
      .notNull()
      .references(() => webhookEvent.id, { onDelete: 'cascade' }),
    endpointId: bigNumber().references(() => webhookEndpoint.id, { onDelete: 'cascade' }),
    callbackUrl: text(),
    callbackOrigin: text(),
    state: text({ enum: deliveryStates }).notNull().default('due'),
    attempts: integer().notNull().default(0),
    /** Attempts since `dueSince`. */
    tries: integer().notNull().default(0),
    /** When it was first owed, or asked for again. */
    dueSince: instant().notNull().default(sql`clock_timestamp()`),
    nextAttemptAt: instant().notNull().default(sql`clock_timestamp()`),
    endedAt: instant(),
  },
  (table) => [
    index('webhook_delivery_due_endpoint')
      .on(table.endpointId, table.nextAttemptAt, table.id)
      .where(sql`${table.state} = 'due' and ${table.endpointId} is not null`),
    index('webhook_delivery_due_callback')
      .on(table.nextAttemptAt, table.id)
      .where(sql`${table.state} = 'due' and ${table.endpointId} is null`),
    index('webhook_delivery_of_event').on(table.eventId),
    index('webhook_delivery_of_endpoint').on(table.endpointId, table.id),
    check('webhook_delivery_state', isOneOf(table.state, deliveryStates)),
    check(
      'webhook_delivery_target',
      sql`(${table.endpointId} is null) = (${table.callbackUrl} is not null)
        and (${table.callbackUrl} is null) = (${table.callbackOrigin} is null)`,
    ),
  ],
)

/** One time that a message was sent, or could not be. */
export const webhookAttempt = couplet.table(
  'webhook_attempt',
  {
    deliveryId: bigNumber().notNull(),
    attempt: integer().notNull(),
    at: instant().notNull().default(sql`clock_timestamp()`),
    status: integer(),
    code: text(),
    ms: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deliveryId, table.attempt] }),
    foreignKey({
      name: 'webhook_attempt_delivery',
      columns: [table.deliveryId],
      foreignColumns: [webhookDelivery.id],
    }).onDelete('cascade'),
    check('webhook_attempt_result', sql`(${table.status} is null) = (${table.code} is not null)`),
  ],
)
