import { z } from 'zod'
import { deletionChoices } from '../../core/sync/deletion.ts'
import { findGroup, issueKinds } from '../../core/sync/issue.ts'
import { Direction, FieldValue, Id, Instant, Key, MaybeInstant, MaybeKey, NextPage } from './answers.ts'
import { endpoint } from './endpoint.ts'
import { ById, exactText, instant, MappingName, PairName, pageQuery, text } from './inputs.ts'
import { Outcome } from './outcomes.ts'
import { Run } from './run-answers.ts'

const tag = 'issues'

const ConflictSide = z.object({
  field: z.string(),
  base: FieldValue,
  value: FieldValue,
  modifiedAt: z.string().nullable(),
})

const ChosenSide = z.object({ field: z.string(), seen: FieldValue })

const Resolution = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('conflict'),
    id: z.string(),
    decidedBy: z.string(),
    choices: z.array(
      z.object({
        local: ChosenSide,
        remote: ChosenSide,
        take: z.enum(['local', 'remote', 'value']),
        value: FieldValue,
      }),
    ),
  }),
  z.object({
    kind: z.literal('deletion'),
    choice: z.enum(deletionChoices),
    seenVersion: z.string().nullable(),
  }),
])

/** What is wrong with one record in one direction at this moment. */
const Issue = z
  .object({
    id: Id,
    mappingId: Id,
    mappingName: z.string(),
    direction: Direction,
    key: Key,
    partnerKey: MaybeKey,
    kind: z.enum(issueKinds),
    code: z.string(),
    errorKind: z.string(),
    field: z.string().nullable(),
    value: z.string().nullable(),
    message: z.string(),
    waitsFor: z.string().nullable(),
    conflicts: z.array(z.object({ local: ConflictSide, remote: ConflictSide })),
    /** Decided, and not applied yet. */
    resolution: Resolution.nullable(),
    createMissing: z.boolean(),
    sourceVersion: z.string().nullable(),
    partnerVersion: z.string().nullable(),
    mappingVersion: z.int(),
    attempts: z.int(),
    repeats: z.int(),
    jobId: Id,
    firstAt: Instant,
    lastAt: Instant,
    nextAttemptAt: MaybeInstant,
    /** Who has set it aside, and why; null: nobody has, or the rule of the ledger did. */
    parkedBy: z.string().nullable(),
    parkedReason: z.string().nullable(),
  })
  .meta({ id: 'Issue' })

const groupExpected = 'expected a group such as 7/VALUE_TRUNCATED/city'

/** A group as `couplet issues groups` names it. */
const Group = text(300).transform((name, context) => {
  const group = findGroup(name)
  if (group !== null) return group
  context.addIssue({ code: 'custom', message: groupExpected })
  return z.NEVER
})

/** What issues have in common. */
export const issueFields = {
  mapping: MappingName.optional(),
  kind: z.enum(issueKinds).optional(),
  code: text(50).optional(),
  field: text(128).optional(),
  group: Group.optional().meta({
    type: 'string',
    description: 'Mapping id, code and field: 7/VALUE_TRUNCATED/city',
  }),
  /** Nothing tries them again by itself. */
  stopped: z.boolean().optional(),
  since: instant.optional(),
  until: instant.optional(),
}

/** Which issues are meant, in a query. */
const issueFilter = {
  pair: PairName.optional(),
  ...issueFields,
  stopped: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional(),
}

export const listIssues = endpoint({
  name: 'listIssues',
  method: 'GET',
  path: '/issues',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'What is wrong with records at this moment, newest first; conflicts with kind=conflict',
  query: z.strictObject({ ...pageQuery, ...issueFilter }),
  status: 200,
  answer: z.object({ issues: z.array(Issue), next: NextPage }),
})

export const countIssues = endpoint({
  name: 'countIssues',
  method: 'GET',
  path: '/issues/count',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'How many there are, by mapping and kind',
  query: z.strictObject(issueFilter),
  status: 200,
  answer: z.object({
    counts: z.array(
      z.object({ mappingId: Id, mapping: z.string(), kind: z.enum(issueKinds), issues: z.int() }),
    ),
  }),
})

export const getIssue = endpoint({
  name: 'getIssue',
  method: 'GET',
  path: '/issues/:id',
  role: 'view',
  tag,
  isScoped: true,
  summary: 'One open issue, with the latest attempts at its record',
  params: ById,
  status: 200,
  answer: z.object({ issue: Issue, attempts: z.array(Outcome) }),
})

/** What is to be taken for a field in conflict; `text` as people type it for the local field. */
export const FieldWish = z.discriminatedUnion('take', [
  z.strictObject({ take: z.enum(['local', 'remote', 'newest']) }),
  z.strictObject({ take: z.literal('value'), text: exactText(10_000) }),
])

/** For all fields, and for single ones by their local or remote name, which go before it. */
const ConflictWishBody = z
  .strictObject({
    all: FieldWish.optional(),
    fields: z.record(text(128), FieldWish).default({}),
  })
  .refine(
    ({ all, fields }) => all !== undefined || Object.keys(fields).length > 0,
    'expected `all`, `fields` or both',
  )

export const resolveConflict = endpoint({
  name: 'resolveConflict',
  method: 'POST',
  path: '/issues/:id/resolve',
  role: 'resolve',
  tag,
  summary: 'Decide a conflict; carried out by the next page that looks at the record',
  params: ById,
  body: ConflictWishBody,
  status: 200,
  answer: z.object({ decided: z.int(), metAgain: z.int() }),
})

export const resolveDeletion = endpoint({
  name: 'resolveDeletion',
  method: 'POST',
  path: '/issues/:id/deletion',
  role: 'resolve',
  tag,
  summary: 'Say what is to be done about a record that was deleted on one side',
  params: ById,
  body: z.strictObject({ choice: z.enum(deletionChoices) }),
  status: 202,
  answer: z.object({ run: Run }),
})
