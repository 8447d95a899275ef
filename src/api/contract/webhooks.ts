import { z } from 'zod'
import { deliveryStates } from '../../core/ports/webhook-store.ts'
import { type EventType, eventData, wantedEvents } from '../../core/webhooks/event.ts'
import { Id, Instant, MaybeInstant, NextPage } from './answers.ts'
import { endpoint } from './endpoint.ts'
import { ById, instant, MappingName, PairName, PlainName, pageQuery, Reason, text } from './inputs.ts'

const tag = 'webhooks'
const role = 'configure'
const eventTypes = Object.keys(eventData) as [EventType, ...EventType[]]

const ByName = z.strictObject({ name: PlainName })
const why = { reason: Reason.optional() }

/** Somebody who is told of events. */
const Webhook = z
  .object({
    id: Id,
    name: z.string(),
    url: z.string(),
    events: z.array(z.enum(wantedEvents)),
    pair: z.string().nullable().meta({ description: 'Null: every pair' }),
    mappings: z.array(z.string()).meta({ description: 'Empty: every mapping' }),
    enabled: z.boolean(),
    disabledReason: z.string().nullable(),
    hasSecret: z.boolean().meta({ description: 'False after a restore: secrets are in no backup' }),
    failingSince: MaybeInstant,
    createdAt: Instant,
  })
  .meta({ id: 'Webhook' })

const Delivery = z
  .object({
    id: Id,
    eventId: z.string().meta({ description: 'The header `webhook-id`: the same at each attempt' }),
    type: z.enum(eventTypes),
    at: Instant,
    webhook: z.string().nullable().meta({ description: 'Null: the callback of a run' }),
    callbackOrigin: z.string().nullable(),
    state: z.enum(deliveryStates),
    attempts: z.int(),
    lastStatus: z.int().nullable(),
    lastCode: z.string().nullable(),
    nextAttemptAt: MaybeInstant,
    endedAt: MaybeInstant,
  })
  .meta({ id: 'WebhookDelivery' })

const Attempt = z.object({
  attempt: z.int(),
  at: Instant,
  status: z.int().nullable(),
  code: z.string().nullable(),
  ms: z.int(),
})

export const listWebhooks = endpoint({
  name: 'listWebhooks',
  method: 'GET',
  path: '/webhooks',
  role,
  tag,
  summary: 'Who is told of events, without their secrets',
  status: 200,
  answer: z.object({ webhooks: z.array(Webhook) }),
})

export const getWebhook = endpoint({
  name: 'getWebhook',
  method: 'GET',
  path: '/webhooks/:name',
  role,
  tag,
  summary: 'One webhook',
  params: ByName,
  status: 200,
  answer: z.object({ webhook: Webhook }),
})

export const saveWebhook = endpoint({
  name: 'saveWebhook',
  method: 'PUT',
  path: '/webhooks/:name',
  role,
  tag,
  summary: 'Make a webhook, or change the one of that name; the secret of a new one is answered once',
  params: ByName,
  body: z.strictObject({
    url: text(2_000),
    events: z.array(z.enum(wantedEvents)).min(1, 'expected at least one type of event').max(20),
    pair: PairName.optional(),
    mappings: z.array(MappingName).max(1_000).default([]),
    ...why,
  }),
  status: 200,
  answer: z.object({
    webhook: Webhook,
    secret: z.string().nullable().meta({ description: 'Null: it keeps the one it has' }),
  }),
})

export const removeWebhook = endpoint({
  name: 'removeWebhook',
  method: 'DELETE',
  path: '/webhooks/:name',
  role,
  tag,
  summary: 'Remove a webhook with all that is owed to it',
  params: ByName,
  status: 200,
  answer: z.object({ removed: z.literal(true) }),
})

export const enableWebhook = endpoint({
  name: 'enableWebhook',
  method: 'POST',
  path: '/webhooks/:name/enable',
  role,
  tag,
  summary: 'Send again: what is owed, and what happens from now on',
  params: ByName,
  body: z.strictObject(why),
  status: 200,
  answer: z.object({ webhook: Webhook }),
})

export const disableWebhook = endpoint({
  name: 'disableWebhook',
  method: 'POST',
  path: '/webhooks/:name/disable',
  role,
  tag,
  summary: 'Send nothing; what happens meanwhile is not written down for it',
  params: ByName,
  body: z.strictObject(why),
  status: 200,
  answer: z.object({ webhook: Webhook }),
})

export const rotateWebhook = endpoint({
  name: 'rotateWebhook',
  method: 'POST',
  path: '/webhooks/:name/rotate',
  role,
  tag,
  summary: 'A new secret, answered once; the one before signs as well for so many hours',
  params: ByName,
  body: z.strictObject({ previousHours: z.int().min(0).max(720).default(24), ...why }),
  status: 200,
  answer: z.object({ webhook: Webhook, secret: z.string() }),
})

export const testWebhook = endpoint({
  name: 'testWebhook',
  method: 'POST',
  path: '/webhooks/:name/test',
  role,
  tag,
  summary: 'Send a `webhook.test` now, once, and say what came of it',
  params: ByName,
  body: z.strictObject({}),
  status: 200,
  answer: z.object({
    deliveryId: Id,
    delivered: z.boolean(),
    status: z.int().nullable(),
    code: z.string().nullable(),
  }),
})

export const replayWebhook = endpoint({
  name: 'replayWebhook',
  method: 'POST',
  path: '/webhooks/:name/replay',
  role,
  tag,
  summary: 'Send again what has failed for good, all of it or since a time, with the same ids',
  params: ByName,
  body: z.strictObject({ since: instant.optional(), ...why }),
  status: 202,
  answer: z.object({ deliveries: z.int() }),
})

export const listDeliveries = endpoint({
  name: 'listDeliveries',
  method: 'GET',
  path: '/webhook-deliveries',
  role,
  tag,
  summary: 'What was sent, is owed or has failed, newest first',
  query: z.strictObject({
    ...pageQuery,
    webhook: text(100).optional(),
    state: z.enum(deliveryStates).optional(),
    type: z.enum(eventTypes).optional(),
  }),
  status: 200,
  answer: z.object({ deliveries: z.array(Delivery), next: NextPage }),
})

export const getDelivery = endpoint({
  name: 'getDelivery',
  method: 'GET',
  path: '/webhook-deliveries/:id',
  role,
  tag,
  summary: 'One delivery with its body and each attempt',
  params: ById,
  status: 200,
  answer: z.object({
    delivery: Delivery,
    body: z.string().meta({ description: 'As it is sent' }),
    attempts: z.array(Attempt),
  }),
})

export const replayDelivery = endpoint({
  name: 'replayDelivery',
  method: 'POST',
  path: '/webhook-deliveries/:id/replay',
  role,
  tag,
  summary: 'Send one again, delivered or not, with the same id; 0: it is being sent',
  params: ById,
  body: z.strictObject(why),
  status: 202,
  answer: z.object({ deliveries: z.int() }),
})
