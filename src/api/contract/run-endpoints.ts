import { z } from 'zod'
import { runKinds, runStates } from '../../core/sync/run.ts'
import { Id, NextPage } from './answers.ts'
import { endpoint } from './endpoint.ts'
import { ById, MappingName, PairName, pageQuery, Reason, text, timeRange } from './inputs.ts'
import { Outcome, outcomeFilter } from './outcomes.ts'
import { Question, Run, RunDetails } from './run-answers.ts'
import { IdempotencyHeaders, NewRunBody, RetryBody } from './run-requests.ts'

const tag = 'runs'

export const listRuns = endpoint({
  name: 'listRuns',
  method: 'GET',
  path: '/runs',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'Runs, newest first',
  query: z.strictObject({
    ...pageQuery,
    pair: PairName.optional(),
    mapping: MappingName.optional().meta({ description: 'Runs with a line for it' }),
    kind: z.enum(runKinds).optional(),
    state: z.enum(runStates).optional(),
    requestedBy: text(200).optional(),
    ...timeRange,
  }),
  status: 200,
  answer: z.object({ runs: z.array(Run), next: NextPage }),
})

export const startRun = endpoint({
  name: 'startRun',
  method: 'POST',
  path: '/runs',
  role: 'operate',
  isScoped: true,
  tag,
  summary: 'Ask for work of any kind; the same Idempotency-Key answers with the run that exists',
  headers: IdempotencyHeaders,
  body: NewRunBody,
  status: 202,
  repeated: 200,
  answer: z.object({ run: Run, created: z.boolean() }),
})

export const getRun = endpoint({
  name: 'getRun',
  method: 'GET',
  path: '/runs/:id',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'A run with its lines, jobs, counters, its question, and what a preview has found',
  params: ById,
  status: 200,
  answer: RunDetails,
})

export const cancelRun = endpoint({
  name: 'cancelRun',
  method: 'POST',
  path: '/runs/:id/cancel',
  role: 'operate',
  isScoped: true,
  tag,
  summary: 'Stop a run: lines that have not begun do not begin, those at work stop after their page',
  params: ById,
  body: z.strictObject({ reason: Reason.optional() }),
  status: 202,
  answer: z.object({ run: Run }),
})

export const retryRun = endpoint({
  name: 'retryRun',
  method: 'POST',
  path: '/runs/:id/retry',
  role: 'operate',
  isScoped: true,
  tag,
  summary: 'Its failed lines again in the same run, or its failed records in a run of their own',
  params: ById,
  body: RetryBody,
  status: 202,
  answer: z.object({ run: Run }),
})

export const answerRun = endpoint({
  name: 'answerRun',
  method: 'POST',
  path: '/runs/:id/answer',
  role: 'configure',
  tag,
  summary: 'Answer "keep creating new records in scheduled jobs?" after a full synchronization',
  params: ById,
  body: z.strictObject({ answer: z.enum(['yes', 'no']) }),
  status: 200,
  answer: z.object({ question: Question }),
})

export const listOutcomesOfRun = endpoint({
  name: 'listOutcomesOfRun',
  method: 'GET',
  path: '/runs/:id/outcomes',
  role: 'view',
  isScoped: true,
  tag,
  summary: 'What happened to each record, newest first',
  params: ById,
  query: z.strictObject({ ...pageQuery, ...outcomeFilter }),
  status: 200,
  answer: z.object({ outcomes: z.array(Outcome), next: NextPage }),
})

export const getHeldDeletions = endpoint({
  name: 'getHeldDeletions',
  method: 'GET',
  path: '/runs/:id/held-deletions',
  role: 'view',
  tag,
  summary: 'Deletions of a run that wait for an approval',
  params: ById,
  status: 200,
  answer: z.object({
    held: z.array(z.object({ mappingId: Id, mappingName: z.string(), records: z.int() })),
  }),
})

export const answerHeldDeletions = endpoint({
  name: 'answerHeldDeletions',
  method: 'POST',
  path: '/runs/:id/held-deletions',
  role: 'resolve',
  tag,
  summary: 'Approve the held deletions of a run, if they are exactly as many as said, or reject them',
  params: ById,
  body: z.discriminatedUnion('answer', [
    z.strictObject({
      answer: z.literal('approve'),
      mapping: MappingName.optional(),
      records: z.int().min(1).max(1_000_000_000),
    }),
    z.strictObject({ answer: z.literal('reject'), mapping: MappingName.optional() }),
  ]),
  status: 202,
  answer: z.object({ run: Run.nullable(), records: z.int() }),
})
