import { z } from 'zod'
import { wishedPriorities } from '../../core/jobs/priority.ts'
import { initialDirections } from '../../core/mapping/conflict-strategy.ts'
import { afterCoupling } from '../../core/ports/sync-store.ts'
import { lineChoices, recordWays } from '../../core/sync/run.ts'
import { MappingName, PairName, Reason, text } from './inputs.ts'

const common = {
  /** Name of the pair; may be left out where there is only one. */
  pair: PairName.optional(),
  /** Why, for the people who read the list of runs. */
  reason: Reason.default('Asked for over HTTP'),
  /** A preview: shows what the run would do, and writes nothing. */
  dryRun: z.boolean().default(false),
  /** Which of several runs is worked off first; single records go before all others, whatever is wished. */
  priority: z.enum(wishedPriorities).default('normal'),
  /**
   * A run of the same kind that the same key has asked for with the same reason and callback, and that has not begun, is the answer; it
   * takes these records along.
   */
  deduplicate: z.boolean().default(false),
  /** Told of the end of the run with `run.finished` (docs/webhooks.md). */
  callbackUrl: text(2_000).optional(),
}

const RecordKeys = z
  .array(text(500))
  .min(1, 'expected at least one key')
  .max(1_000, 'expected at most 1000 keys')

const expectedKinds = 'expected one of full, modified, mapping, records, couple, uncouple, deletions'

/** Body of POST /runs: what is to be done. */
export const NewRunBody = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({
        kind: z.literal('full'),
        ...common,
        /** Answer to the question at its end, given beforehand. */
        keepCreating: z.enum(['yes', 'no', 'ask']).default('ask'),
        /** By mapping name; `full` where nothing is said. */
        lines: z.record(MappingName, z.enum(lineChoices)).default({}),
        initialDirection: z.record(MappingName, z.enum(initialDirections)).default({}),
        includeSkipped: z.boolean().default(false),
      }),
      z.strictObject({ kind: z.literal('modified'), ...common }),
      z.strictObject({ kind: z.literal('mapping'), ...common, mapping: MappingName }),
      z.strictObject({
        kind: z.literal('deletions'),
        ...common,
        /** Left out: all enabled mappings. */
        mapping: MappingName.optional(),
      }),
      z.strictObject({
        kind: z.literal('records'),
        ...common,
        mapping: MappingName,
        /** As people write them: a key or reference of either side; parts of a composite key by comma. */
        keys: RecordKeys,
        createMissing: z.boolean().default(false),
        /** To the remote side, from there, or merged field by field. */
        way: z.enum(recordWays).default('merge'),
      }),
      z.strictObject({
        kind: z.literal('couple'),
        ...common,
        mapping: MappingName,
        /** The two records that are one; left out: all uncoupled records are coupled by their match fields. */
        records: z
          .strictObject({
            local: text(500),
            remote: text(500),
            /** What is done with the two once they are coupled. */
            next: z.enum(afterCoupling).default('nothing'),
          })
          .optional(),
      }),
      z.strictObject({
        kind: z.literal('uncouple'),
        ...common,
        mapping: MappingName,
        keys: RecordKeys,
      }),
    ],
    { error: ({ code }) => (code === 'invalid_union' ? expectedKinds : undefined) },
  )
  .refine(
    ({ kind, dryRun, deduplicate }) => !deduplicate || (!dryRun && kind !== 'couple' && kind !== 'uncouple'),
    {
      path: ['deduplicate'],
      error: 'previews, coupling and uncoupling are always runs of their own: expected false',
    },
  )
  .meta({ id: 'NewRun' })
export type NewRunBody = z.infer<typeof NewRunBody>

/** Header of a request that may be repeated; other headers are nobody's business here. */
export const IdempotencyHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'expected 1 to 200 printable characters without spaces')
    .optional(),
})

export const RetryBody = z.discriminatedUnion('what', [
  /** With a mapping: only its lines, also when they have finished. */
  z.strictObject({ what: z.literal('lines'), mapping: MappingName.optional(), reason: Reason.optional() }),
  z.strictObject({ what: z.literal('records') }),
])
