import { createHash } from 'node:crypto'
import { z } from 'zod'
import { initialDirections } from '../core/mapping/conflict-strategy.ts'
import { lineChoices, recordWays } from '../core/sync/run.ts'
import { canonicalText } from '../lib/canonical-text.ts'
import type { RunRequest } from '../usecases/flow/plan-run.ts'
import { text } from './input.ts'

const common = {
  /** Name of the pair; may be left out where there is only one. */
  pair: text(100).optional(),
  /** Why, for the people who read the list of runs. */
  reason: text(500).default('Asked for over HTTP'),
  /** A preview: shows what the run would do, and writes nothing. */
  dryRun: z.boolean().default(false),
}

/** Coupling and uncoupling are asked for on the command line. */
const expectedKinds = 'expected one of full, modified, mapping, records, deletions'

/** Body of POST /runs: what is to be synchronized. */
export const NewRunBody = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('full'),
      ...common,
      /** Answer to the question at its end, given beforehand. */
      keepCreating: z.enum(['yes', 'no', 'ask']).default('ask'),
      /** By mapping name; `full` where nothing is said. */
      lines: z.record(text(100), z.enum(lineChoices)).default({}),
      initialDirection: z.record(text(100), z.enum(initialDirections)).default({}),
      includeSkipped: z.boolean().default(false),
    }),
    z.strictObject({ kind: z.literal('modified'), ...common }),
    z.strictObject({ kind: z.literal('mapping'), ...common, mapping: text(100) }),
    z.strictObject({
      kind: z.literal('deletions'),
      ...common,
      /** Left out: all enabled mappings. */
      mapping: text(100).optional(),
    }),
    z.strictObject({
      kind: z.literal('records'),
      ...common,
      mapping: text(100),
      /** As people write them: a key or reference of either side; parts of a composite key by comma. */
      keys: z.array(text(500)).min(1, 'expected at least one key').max(1_000, 'expected at most 1000 keys'),
      createMissing: z.boolean().default(false),
      /** To the remote side, from there, or merged field by field. */
      way: z.enum(recordWays).default('merge'),
    }),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? expectedKinds : undefined) },
)
export type NewRunBody = z.infer<typeof NewRunBody>

/** Header of POST /runs; other headers are nobody's business here. */
export const NewRunHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'expected 1 to 200 printable characters without spaces')
    .optional(),
})

/** Equal for requests that ask for the same: defaults count as if they had been written. */
export function hashRequest(pairId: number, { pair: _, ...body }: NewRunBody): string {
  return createHash('sha256')
    .update(canonicalText({ ...body, pairId }))
    .digest('hex')
}

/** The planned kinds of runs as the use case takes them; the same for HTTP and for the command line. */
export function wishOf(
  body: Exclude<Without<NewRunBody, 'pair' | 'reason'>, { kind: 'records' }>,
): Pick<RunRequest, 'kind' | 'mapping' | 'keepCreating' | 'choices' | 'overrides'> {
  const { kind, dryRun } = body
  const mapping = 'mapping' in body ? (body.mapping ?? null) : null
  if (kind !== 'full') return { kind, mapping, keepCreating: 'no', overrides: { dryRun } }
  const { keepCreating, lines, initialDirection, includeSkipped } = body
  const overrides = { dryRun, initialDirection, includeSkipped }
  return { kind, mapping, keepCreating, choices: lines, overrides }
}

export type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never
