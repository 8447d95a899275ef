import { z } from 'zod'
import { type EventType, eventData } from '../../core/webhooks/event.ts'

/** Headers of every message (Standard Webhooks 1.0). */
const headers = [
  ['webhook-id', 'Of the event: the same at each attempt and each replay, so that what came twice is seen'],
  ['webhook-timestamp', 'Seconds since 1970 at which this attempt was signed'],
  [
    'webhook-signature',
    'One or more `v1,<HMAC-SHA256 in base64>` of `id.timestamp.body`, separated by blanks',
  ],
] as const

/** The body of a message of one type. */
function bodyOf(type: EventType) {
  return z.object({
    id: z.string(),
    type: z.literal(type),
    timestamp: z.string().meta({ description: 'When it happened: ISO 8601, in UTC' }),
    data: eventData[type],
  })
}

/** What is sent to webhooks, for the `webhooks` of the OpenAPI document. */
export function describeEvents() {
  const types = Object.keys(eventData) as EventType[]
  return Object.fromEntries(types.map((type) => [type, { post: describeEvent(type) }]))
}

function describeEvent(type: EventType) {
  const schema = z.toJSONSchema(bodyOf(type), { target: 'draft-2020-12', io: 'output' })
  const { $schema: _, ...plain } = schema
  return {
    operationId: type,
    tags: ['webhooks'],
    parameters: headers.map(([name, description]) => ({
      name,
      in: 'header',
      required: true,
      description,
      schema: { type: 'string' },
    })),
    requestBody: { required: true, content: { 'application/json': { schema: plain } } },
    responses: {
      '2XX': { description: 'Taken; anything else is tried again' },
      '410': { description: 'Nobody wants it any more: the webhook is disabled' },
    },
  }
}
