import { z } from 'zod'
import { pauseCauses, pauseScopes } from '../../core/control/pause.ts'
import { Id, Instant, MaybeInstant, NextPage } from './answers.ts'
import { endpoint } from './endpoint.ts'
import { instant, MappingName, PairName, pageQuery, Reason, text } from './inputs.ts'

/** No line of what it covers begins a page. */
const Pause = z
  .object({
    id: Id,
    scope: z.enum(pauseScopes),
    name: z.string().nullable().meta({ description: 'Of the connection or mapping; null for everything' }),
    cause: z.enum(pauseCauses),
    by: z.string(),
    reason: z.string(),
    at: Instant,
    until: MaybeInstant,
  })
  .meta({ id: 'Pause' })

export const listPauses = endpoint({
  name: 'listPauses',
  method: 'GET',
  path: '/pauses',
  role: 'view',
  tag: 'control',
  summary: 'What is paused, and which connections are left alone because they do not answer',
  status: 200,
  answer: z.object({
    pauses: z.array(Pause),
    breakers: z.array(z.object({ connection: z.string(), says: z.string() })),
  }),
})

const scopes = {
  everything: { scope: z.literal('everything') },
  connection: { scope: z.literal('connection'), connection: text(100) },
  mapping: { scope: z.literal('mapping'), pair: PairName.optional(), mapping: MappingName },
} as const

const how = { reason: Reason, until: instant.optional() }

export const pause = endpoint({
  name: 'pause',
  method: 'POST',
  path: '/pauses',
  role: 'operate',
  tag: 'control',
  summary:
    'Pause a mapping, all that reaches a connection, or everything: pages at work are finished, no other begins',
  body: z.discriminatedUnion('scope', [
    z.strictObject({ ...scopes.everything, ...how }),
    z.strictObject({ ...scopes.connection, ...how }),
    z.strictObject({ ...scopes.mapping, ...how }),
  ]),
  status: 201,
  answer: z.object({ pause: Pause }),
})

const why = { reason: Reason.optional() }

export const resume = endpoint({
  name: 'resume',
  method: 'POST',
  path: '/pauses/resume',
  role: 'operate',
  tag: 'control',
  summary: 'End a pause',
  body: z.discriminatedUnion('scope', [
    z.strictObject({ ...scopes.everything, ...why }),
    z.strictObject({ ...scopes.connection, ...why }),
    z.strictObject({ ...scopes.mapping, ...why }),
  ]),
  status: 200,
  answer: z.object({ resumed: z.literal(true) }),
})

const Details = z.record(z.string(), z.unknown())

/** What somebody did, in the chain that shows tampering. */
const AuditEntry = z
  .object({
    id: Id,
    at: Instant,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    reason: z.string().nullable(),
    before: Details.nullable(),
    after: Details.nullable(),
    detail: Details,
    hash: z.string(),
  })
  .meta({ id: 'AuditEntry' })

export const listAudit = endpoint({
  name: 'listAudit',
  method: 'GET',
  path: '/audit',
  // Details may hold values that viewers do not see.
  role: 'operate',
  tag: 'control',
  summary: 'Who did what, newest first',
  query: z.strictObject({
    ...pageQuery,
    actor: text(200).optional(),
    action: text(100).optional(),
    subject: text(300).optional(),
    since: instant.optional(),
    until: instant.optional(),
  }),
  status: 200,
  answer: z.object({ entries: z.array(AuditEntry), next: NextPage }),
})
