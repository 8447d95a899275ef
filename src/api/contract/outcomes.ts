import { z } from 'zod'
import { outcomeKinds } from '../../core/sync/outcome.ts'
import { Direction, FieldChange, Id, Instant, MaybeKey, NextPage } from './answers.ts'
import { endpoint } from './endpoint.ts'
import { MappingName, PairName, pageQuery, text, timeRange } from './inputs.ts'

const FieldWarning = z.object({
  code: z.string(),
  field: z.string(),
  value: z.string(),
  message: z.string(),
})

/** What happened to one record in one job; only ever added. */
export const Outcome = z
  .object({
    id: Id,
    at: Instant,
    runId: Id,
    jobId: Id,
    mappingName: z.string(),
    direction: Direction,
    kind: z.enum(outcomeKinds),
    localKey: MaybeKey,
    remoteKey: MaybeKey,
    code: z.string().nullable(),
    errorKind: z.string().nullable(),
    field: z.string().nullable(),
    value: z.string().nullable(),
    message: z.string().nullable(),
    changes: z.array(FieldChange),
    warnings: z.array(FieldWarning),
    localVersion: z.string().nullable(),
    remoteVersion: z.string().nullable(),
    recovered: z.boolean(),
  })
  .meta({ id: 'Outcome' })

/** Which outcomes of a run are meant. */
export const outcomeFilter = {
  mapping: MappingName.optional(),
  kind: z.enum(outcomeKinds).optional(),
  code: text(50).optional(),
}

export const listOutcomes = endpoint({
  name: 'listOutcomes',
  method: 'GET',
  path: '/outcomes',
  role: 'view',
  isScoped: true,
  tag: 'outcomes',
  summary: 'What happened to records, of one mapping or of all, over all runs, newest first',
  query: z.strictObject({ ...pageQuery, ...outcomeFilter, pair: PairName.optional(), ...timeRange }),
  status: 200,
  answer: z.object({ outcomes: z.array(Outcome), next: NextPage }),
})
