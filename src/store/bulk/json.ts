import { z } from 'zod'
import { type BulkSelection, type BulkTask, couplingTaskKinds } from '../../core/bulk/operation.ts'
import { deletionChoices } from '../../core/sync/deletion.ts'
import { issueKinds } from '../../core/sync/issue.ts'

const FieldWish = z.discriminatedUnion('take', [
  z.strictObject({ take: z.enum(['local', 'remote', 'newest']) }),
  z.strictObject({ take: z.literal('value'), text: z.string() }),
])

const Task: z.ZodType<BulkTask> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['retry', 'skip', 'unskip', ...couplingTaskKinds]) }),
  z.strictObject({
    kind: z.literal('resolve'),
    all: FieldWish.nullable(),
    fields: z.record(z.string(), FieldWish),
  }),
  z.strictObject({ kind: z.literal('resolve-deletion'), choice: z.enum(deletionChoices) }),
])
export const parseBulkTask = (raw: unknown): BulkTask => Task.parse(raw)

const Ids = z.array(z.int())

const Selection: z.ZodType<BulkSelection> = z.discriminatedUnion('of', [
  z.strictObject({
    of: z.literal('issues'),
    filter: z.strictObject({
      ids: Ids.nullish(),
      pairId: z.int().nullish(),
      mapping: z.string().nullish(),
      kind: z.enum(issueKinds).nullish(),
      code: z.string().nullish(),
      field: z.string().nullish(),
      group: z.strictObject({ mappingId: z.int(), code: z.string(), field: z.string().nullable() }).nullish(),
      isStopped: z.boolean().nullish(),
      isAboutDeletion: z.boolean().nullish(),
      alikeTo: z.int().nullish(),
      since: z.string().nullish(),
      until: z.string().nullish(),
    }),
  }),
  z.strictObject({
    of: z.literal('couplings'),
    filter: z.strictObject({
      pairId: z.int(),
      mapping: z.string(),
      ids: Ids.optional(),
      startsWith: z.string().optional(),
    }),
  }),
])
export const parseBulkSelection = (raw: unknown): BulkSelection => Selection.parse(raw)
