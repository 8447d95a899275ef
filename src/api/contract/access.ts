import { z } from 'zod'
import { roles } from '../../core/access/role.ts'
import { Instant, MaybeInstant } from './answers.ts'
import { endpoint } from './endpoint.ts'
import { instant, MappingName, PairName, PlainName, Reason, text } from './inputs.ts'

const tag = 'access'

/** An API key; the key itself is stored nowhere. */
const ApiKey = z
  .object({
    name: z.string(),
    role: z.enum(roles),
    pairs: z.array(z.string()).nullable().meta({ description: 'Names of the pairs it is for; null: all' }),
    mappings: z.array(z.string()).nullable(),
    state: z.enum(['valid', 'expired', 'revoked']),
    createdAt: Instant,
    createdBy: z.string(),
    expiresAt: MaybeInstant,
    lastUsedAt: MaybeInstant,
    revokedAt: MaybeInstant,
  })
  .meta({ id: 'ApiKey' })

export const listKeys = endpoint({
  name: 'listKeys',
  method: 'GET',
  path: '/keys',
  role: 'administer',
  tag,
  summary: 'API keys, also those that are over, by name',
  status: 200,
  answer: z.object({ keys: z.array(ApiKey) }),
})

export const addKey = endpoint({
  name: 'addKey',
  method: 'POST',
  path: '/keys',
  role: 'administer',
  tag,
  summary: 'Make an API key; this answer is the only place where it stands',
  body: z.strictObject({
    name: PlainName,
    role: z.enum(roles),
    pairs: z.array(PairName).min(1).max(100).optional(),
    mappings: z.array(MappingName).min(1).max(1_000).optional(),
    expiresAt: instant.optional(),
    reason: Reason.optional(),
  }),
  status: 201,
  answer: z.object({ name: z.string(), key: z.string() }),
})

export const revokeKey = endpoint({
  name: 'revokeKey',
  method: 'POST',
  path: '/keys/:name/revoke',
  role: 'administer',
  tag,
  summary: 'End an API key with its next request',
  params: z.strictObject({ name: PlainName }),
  body: z.strictObject({ reason: Reason.optional() }),
  status: 200,
  answer: z.object({ revoked: z.literal(true) }),
})

const personKinds = ['user', 'oidc'] as const

/** Somebody who has signed in with a browser. */
const Session = z
  .object({
    id: z.string(),
    kind: z.enum(personKinds).meta({ description: 'With an account of Couplet, or at the provider' }),
    name: z.string(),
    role: z.enum(roles),
    createdAt: Instant,
    lastSeenAt: Instant,
    expiresAt: Instant,
  })
  .meta({ id: 'Session' })

export const listSessions = endpoint({
  name: 'listSessions',
  method: 'GET',
  path: '/sessions',
  role: 'administer',
  tag,
  summary: 'People who have signed in with a browser, by name',
  status: 200,
  answer: z.object({ sessions: z.array(Session) }),
})

export const endSessions = endpoint({
  name: 'endSessions',
  method: 'POST',
  path: '/sessions/end',
  role: 'administer',
  tag,
  summary: 'End one session, or all sessions of a person',
  body: z.union(
    [
      z.strictObject({ id: z.string().regex(/^[0-9a-f]{64}$/), reason: Reason.optional() }),
      z.strictObject({ kind: z.enum(personKinds), name: text(200), reason: Reason.optional() }),
    ],
    { error: 'expected the id of a session, or kind (user or oidc) and name of a person' },
  ),
  status: 200,
  answer: z.object({ ended: z.int() }),
})
