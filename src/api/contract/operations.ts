import { z } from 'zod'
import { bulkKinds, bulkRecordStates, bulkStates } from '../../core/bulk/operation.ts'
import { deletionChoices } from '../../core/sync/deletion.ts'
import { issueKinds } from '../../core/sync/issue.ts'
import { Direction, Failure, Id, Instant, MaybeInstant, MaybeKey, NextPage } from './answers.ts'
import { endpoint } from './endpoint.ts'
import { ById, MappingName, PairName, pageQuery, Reason, text, wholeNumber } from './inputs.ts'
import { FieldWish, issueFields } from './issues.ts'
import { CouplingFields } from './records.ts'
import { IdempotencyHeaders } from './run-requests.ts'

const tag = 'operations'

const Ids = z
  .array(z.int().min(1).max(Number.MAX_SAFE_INTEGER))
  .min(1, 'expected at least one number')
  .max(10_000, 'expected at most 10000 numbers')

/** Which issues are meant: by their numbers, by what they have in common, or, when one says so, all of them. */
const Issues = z
  .strictObject({ ids: Ids.optional(), all: z.literal(true).optional(), ...issueFields })
  .refine(
    ({ all, ...named }) => (all === true) !== Object.values(named).some((value) => value !== undefined),
    'expected numbers, a filter, or all: true',
  )

/** Couplings of one mapping; without anything else, all of them. */
const Couplings = z.strictObject({ mapping: MappingName, ids: Ids.optional(), ...CouplingFields })

const common = {
  /** Left out: issues of all pairs; of couplings, the only pair there is. */
  pair: PairName.optional(),
  /** Why; it is shown with the operation, and with issues that it sets aside. */
  reason: Reason.optional(),
}

const wish = {
  all: FieldWish.optional(),
  fields: z.record(text(128), FieldWish).default({}),
}
const issues = { ...common, issues: Issues }
const couplings = { ...common, couplings: Couplings }

const count = z.int().min(1).max(2_000_000_000)
/** As many as whoever asks has seen; when they are not so many any more, nothing is done. */
const mayExpect = { expected: count.optional() }
const mustExpect = { expected: count }

const mayChoose = { choice: z.enum(deletionChoices).optional() }
const mustChoose = { choice: z.enum(deletionChoices) }

const saysSomething = ({ all, fields }: { readonly all?: unknown; readonly fields: object }) =>
  all !== undefined || Object.keys(fields).length > 0
const nothingSaid = 'expected `all`, `fields` or both'
const expectedKinds = { error: kindProblem }

function kindProblem({ code }: { readonly code?: string }): string | undefined {
  return code === 'invalid_union' ? `expected one of ${bulkKinds.join(', ')}` : undefined
}

/** What is counted; how many are expected and what is chosen make no difference. */
const CountBody = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.enum(['retry', 'skip', 'unskip']), ...issues, ...mayExpect }),
      z.strictObject({ kind: z.literal('resolve'), ...issues, ...mayExpect, ...wish }),
      z.strictObject({ kind: z.literal('resolve-deletion'), ...issues, ...mayExpect, ...mayChoose }),
      z.strictObject({ kind: z.enum(['synchronize', 'uncouple']), ...couplings, ...mayExpect }),
    ],
    expectedKinds,
  )
  .meta({ id: 'CountOperation' })

/** What is to be done, and with which records. */
const NewOperationBody = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.enum(['retry', 'skip', 'unskip']), ...issues, ...mayExpect }),
      z
        .strictObject({ kind: z.literal('resolve'), ...issues, ...mayExpect, ...wish })
        .refine(saysSomething, nothingSaid),
      z.strictObject({
        kind: z.literal('resolve-deletion'),
        ...issues,
        ...mustExpect,
        ...mustChoose,
      }),
      z.strictObject({ kind: z.literal('synchronize'), ...couplings, ...mayExpect }),
      z.strictObject({ kind: z.literal('uncouple'), ...couplings, ...mustExpect }),
    ],
    expectedKinds,
  )
  .meta({ id: 'NewOperation' })
export type OperationWish = z.output<typeof NewOperationBody> | z.output<typeof CountBody>

const Take = z.enum(['local', 'remote', 'newest', 'value'])

/** One change of many records. */
const Operation = z
  .object({
    id: Id,
    kind: z.enum(bulkKinds),
    pairId: Id.nullable(),
    mapping: z.string().nullable(),
    /** Of `resolve`: what is taken; a value that was typed is not shown. */
    take: z.object({ all: Take.nullable(), fields: z.record(z.string(), Take) }).nullable(),
    /** Of `resolve-deletion`. */
    choice: z.enum(deletionChoices).nullable(),
    selection: z
      .object({
        of: z.enum(['issues', 'couplings']),
        filter: z.record(z.string(), z.unknown()),
        ids: z.int().nullable().meta({ description: 'How many numbers were given; null: none' }),
      })
      .meta({ description: 'As it was asked for; its records, fixed since then, have a list of their own' }),
    state: z.enum(bulkStates),
    counts: z.object({ selected: z.int(), done: z.int(), refused: z.int(), failed: z.int() }),
    requestedBy: z.string(),
    reason: z.string().nullable(),
    idempotencyKey: z.string().nullable(),
    runIds: z.array(Id).meta({
      description:
        'Runs that see to it that what was done is carried out, known when it has ended; a run at work before may do so',
    }),
    error: Failure,
    cancelledBy: z.string().nullable(),
    createdAt: Instant,
    startedAt: MaybeInstant,
    finishedAt: MaybeInstant,
  })
  .meta({ id: 'Operation' })

const OperationRecord = z
  .object({
    position: z.int(),
    subjectId: Id.meta({ description: 'Number of the issue or coupling' }),
    mappingName: z.string().nullable(),
    direction: Direction.nullable(),
    key: MaybeKey,
    partnerKey: MaybeKey,
    state: z.enum(bulkRecordStates),
    code: z.string().nullable(),
    message: z.string().nullable(),
    endedAt: MaybeInstant,
  })
  .meta({ id: 'OperationRecord' })

export const countOperation = endpoint({
  name: 'countOperation',
  method: 'POST',
  path: '/operations/count',
  role: 'operate',
  isScoped: true,
  tag,
  summary: 'What an operation would be about, and what of it would be refused; changes nothing',
  body: CountBody,
  status: 200,
  answer: z.object({
    selected: z.int(),
    refused: z.int(),
    groups: z.array(
      z.object({
        mapping: z.string(),
        kind: z.enum(issueKinds).nullable(),
        code: z.string().nullable(),
        records: z.int(),
        refusal: z.string().nullable(),
      }),
    ),
  }),
})

export const startOperation = endpoint({
  name: 'startOperation',
  method: 'POST',
  path: '/operations',
  // Decisions about conflicts and deletions need more.
  role: 'operate',
  isScoped: true,
  tag,
  summary: 'Change many records; the same Idempotency-Key answers with the operation that exists',
  headers: IdempotencyHeaders,
  body: NewOperationBody,
  status: 202,
  repeated: 200,
  answer: z.object({ operation: Operation, created: z.boolean() }),
})

export const listOperations = endpoint({
  name: 'listOperations',
  method: 'GET',
  path: '/operations',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'Operations, newest first',
  query: z.strictObject({
    ...pageQuery,
    pair: PairName.optional(),
    mapping: MappingName.optional(),
    kind: z.enum(bulkKinds).optional(),
    state: z.enum(bulkStates).optional(),
  }),
  status: 200,
  answer: z.object({ operations: z.array(Operation), next: NextPage }),
})

export const getOperation = endpoint({
  name: 'getOperation',
  method: 'GET',
  path: '/operations/:id',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'One operation, with how far it is',
  params: ById,
  status: 200,
  answer: z.object({ operation: Operation }),
})

export const listOperationRecords = endpoint({
  name: 'listOperationRecords',
  method: 'GET',
  path: '/operations/:id/records',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'Its records, in the order in which they are worked off, with what has become of each',
  params: ById,
  query: z.strictObject({
    limit: pageQuery.limit,
    /** The `next` of the page before. */
    after: wholeNumber('expected a position, from 1', 2_147_483_647).optional(),
    state: z.enum(bulkRecordStates).optional(),
  }),
  status: 200,
  answer: z.object({ records: z.array(OperationRecord), next: NextPage }),
})

export const cancelOperation = endpoint({
  name: 'cancelOperation',
  method: 'POST',
  path: '/operations/:id/cancel',
  role: 'operate',
  isScoped: true,
  tag,
  summary: 'End an operation between two chunks; what was done stays done',
  params: ById,
  body: z.strictObject({ reason: Reason.optional() }),
  status: 200,
  answer: z.object({ operation: Operation }),
})
