import { z } from 'zod'
import type { Coupling } from '../core/coupling/coupling.ts'
import type { ErrorKind } from '../core/errors.ts'
import { initialDirections } from '../core/mapping/conflict-strategy.ts'
import { type JobDirection, MappingDefinition, SideDefinition } from '../core/mapping/definition.ts'
import type { Filter } from '../core/mapping/filter.ts'
import type { EndQuestion } from '../core/ports/operations-store.ts'
import { afterCoupling, type InboxTask } from '../core/ports/sync-store.ts'
import { deletionChoices } from '../core/sync/deletion.ts'
import type { FieldConflict, Resolution } from '../core/sync/issue.ts'
import type { FieldChange } from '../core/sync/outcome.ts'
import type { Swings } from '../core/sync/ping-pong.ts'
import { type Checkpoint, type DeletionSearch, type RunOptions, recordWays } from '../core/sync/run.ts'
import { costSteps, type StepCosts } from '../core/sync/step-costs.ts'
import { type FieldWarning, type WarningCode, warningCodes } from '../core/sync/warning.ts'
import { TransformStep } from '../core/transform/steps.ts'
import { type Value, type Values, valueTags } from '../core/values/value.ts'

/** Parsers of the jsonb columns, and the words their neighbours may hold. */
export const jobDirections = ['to', 'from'] as const satisfies readonly JobDirection[]
export const syncResults = ['success', 'failed', 'waiting', 'conflict', 'skipped'] as const
export const errorKinds = [
  'transient',
  'waiting',
  'permanent',
  'conflict',
  'config',
  'lost-lease',
] as const satisfies readonly ErrorKind[]

const tags = new Set<string>(valueTags)
const isValue = (raw: unknown): raw is Value =>
  raw === null || (typeof raw === 'string' && tags.has(raw.slice(0, raw.indexOf(':'))))
const isValues = (raw: unknown): raw is Values =>
  typeof raw === 'object' && raw !== null && Object.values(raw).every(isValue)

export const CanonicalValue = z.custom<Value>(isValue, 'not a canonical value')

/** Bases are read by the thousand: one plain loop, no zod object per field. */
export function parseValues(raw: unknown): Values {
  if (!isValues(raw)) throw new TypeError('A stored base is not a record of canonical values')
  return raw
}

export const Settings = z.record(z.string(), z.string())
export const ValueMap = z.record(z.string(), z.string())
export const Detail = z.record(z.string(), z.unknown())

const Transform = z.array(TransformStep)
export const parseTransform = (raw: unknown): TransformStep[] => Transform.parse(raw)

const Literal = z.union([z.string(), z.boolean(), z.strictObject({ number: z.string() })])
const Comparison = z.enum(['=', '<>', '<', '<=', '>', '>=', 'begins with', 'contains'])
/** Filters are stored as expressions; people read and write them as text. */
const StoredFilter: z.ZodType<Filter> = z.lazy(() =>
  z.union([
    z.strictObject({ and: z.array(StoredFilter) }),
    z.strictObject({ or: z.array(StoredFilter) }),
    z.strictObject({ not: StoredFilter }),
    z.strictObject({ field: z.string(), op: Comparison, value: Literal }),
    z.strictObject({ field: z.string(), op: z.literal('in'), values: z.array(Literal) }),
    z.strictObject({ field: z.string(), op: z.enum(['is null', 'is not null']) }),
  ]),
)
const StoredSide = SideDefinition.extend({ filter: z.union([z.string(), StoredFilter]).optional() })
export type StoredSide = z.infer<typeof StoredSide>
export const MappingHead = MappingDefinition.omit({ fields: true }).extend({
  local: StoredSide,
  remote: StoredSide,
})
export type MappingHead = z.infer<typeof MappingHead>

const isReferences = (raw: unknown): raw is Coupling['references'] =>
  typeof raw === 'object' &&
  raw !== null &&
  Object.values(raw).every((value) => value === null || typeof value === 'string')

/** Read by the thousand like the bases. */
export function parseReferences(raw: unknown): Coupling['references'] {
  if (!isReferences(raw)) throw new TypeError('Stored references are not a record of texts')
  return raw
}

const isSwings = (raw: unknown): raw is Swings =>
  typeof raw === 'object' &&
  raw !== null &&
  Object.values(raw).every((swing) => typeof swing?.was === 'string' && typeof swing.count === 'number')

/** Read by the thousand like the bases. */
export function parseSwings(raw: unknown): Swings {
  if (!isSwings(raw)) throw new TypeError('Stored swings are not what a coupling remembers of writes')
  return raw
}

const Answers = z.union([z.object({ issueId: z.int() }), z.object({ heldInRun: z.int() })])
/** What a newer version has added is left out: processes are replaced one by one. */
const Options: z.ZodType<RunOptions> = z.object({
  createMissing: z.boolean(),
  keepCreating: z.enum(['yes', 'no', 'ask']),
  dryRun: z.boolean().default(false),
  initialDirection: z.record(z.string(), z.enum(initialDirections)).default({}),
  includeSkipped: z.boolean().default(false),
  recordsGo: z.enum(recordWays).default('merge'),
  onlyAsked: z.boolean().default(false),
  answers: Answers.nullable().default(null),
})
export const parseRunOptions = (raw: unknown): RunOptions => Options.parse(raw)

const StoredDeletionSearch: z.ZodType<DeletionSearch> = z.strictObject({
  done: z.array(z.enum(['local', 'remote'])),
  isWhole: z.boolean(),
  comparison: z
    .strictObject({
      side: z.enum(['local', 'remote']),
      cursor: z.string().nullable(),
      startedAt: z.string(),
      staged: z.int(),
      mark: z.string().nullable(),
      access: z.string().default(''),
    })
    .nullable(),
  access: z.partialRecord(z.enum(['local', 'remote']), z.string().nullable()).default({}),
  verdict: z
    .strictObject({
      isHeld: z.boolean(),
      isWhole: z.boolean(),
      records: z.int(),
      coupled: z.int(),
      accessChange: z
        .strictObject({ side: z.enum(['local', 'remote']), when: z.enum(['during', 'since']) })
        .nullable()
        .default(null),
    })
    .nullable(),
})
const StoredCheckpoint: z.ZodType<Checkpoint> = z.strictObject({
  cursor: z.string().nullable(),
  ceiling: z.string().nullable(),
  pages: z.int(),
  passDone: z.boolean(),
  seen: z
    .strictObject({
      startedAt: z.string(),
      sides: z.partialRecord(
        z.enum(['local', 'remote']),
        z.strictObject({ mark: z.string().nullable(), access: z.string() }),
      ),
    })
    .optional(),
  deletions: StoredDeletionSearch.optional(),
})
export const parseCheckpoint = (raw: unknown): Checkpoint => StoredCheckpoint.parse(raw)

const StoredCosts: z.ZodType<StepCosts> = z.record(
  z.enum(costSteps),
  z.strictObject({ ms: z.number(), requests: z.int() }),
)
export const parseStepCosts = (raw: unknown): StepCosts => StoredCosts.parse(raw)

/**
 * Stored by column, because the ledger is the largest table and names and braces around each field would be half of it.
 * `before` is null where there was nothing.
 */
interface PackedChanges {
  readonly fields: readonly string[]
  readonly before: readonly Value[] | null
  readonly after: readonly Value[]
}
const PackedChanges: z.ZodType<PackedChanges> = z.strictObject({
  fields: z.array(z.string()),
  before: z.array(CanonicalValue).nullable(),
  after: z.array(CanonicalValue),
})

export function parseChanges(raw: unknown): readonly FieldChange[] {
  const { fields, before, after } = PackedChanges.parse(raw)
  return fields.map((field, index) => ({
    field,
    before: before?.[index] ?? null,
    after: after[index] ?? null,
  }))
}

export function packChanges(changes: readonly FieldChange[]): PackedChanges {
  return {
    fields: changes.map(({ field }) => field),
    before: changes.every(({ before }) => before === null) ? null : changes.map(({ before }) => before),
    after: changes.map(({ after }) => after),
  }
}

const Task: z.ZodType<InboxTask> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('couple'), with: z.string(), next: z.enum(afterCoupling) }),
  z.strictObject({ kind: z.literal('uncouple'), reason: z.string(), uncoupledBy: z.string() }),
  z.strictObject({ kind: z.literal('send') }),
])
export const parseInboxTask = (raw: unknown): InboxTask => Task.parse(raw)
const isWarningCode = (raw: unknown): raw is WarningCode =>
  typeof raw === 'string' && Object.hasOwn(warningCodes, raw)
const Warnings: z.ZodType<readonly FieldWarning[]> = z.array(
  z.strictObject({
    code: z.custom<WarningCode>(isWarningCode, 'not a code of a warning'),
    field: z.string(),
    value: z.string(),
    message: z.string(),
  }),
)
export const parseWarnings = (raw: unknown): readonly FieldWarning[] => Warnings.parse(raw)

const ConflictSide = z.strictObject({
  field: z.string(),
  base: CanonicalValue,
  value: CanonicalValue,
  modifiedAt: z.string().nullable(),
})
const Conflicts: z.ZodType<readonly FieldConflict[]> = z.array(
  z.strictObject({ local: ConflictSide, remote: ConflictSide }),
)
export const parseConflicts = (raw: unknown): readonly FieldConflict[] => Conflicts.parse(raw)

const SeenField = z.strictObject({ field: z.string(), seen: CanonicalValue })
const StoredResolution: z.ZodType<Resolution> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('conflict'),
    id: z.string(),
    decidedBy: z.string(),
    choices: z.array(
      z.strictObject({
        local: SeenField,
        remote: SeenField,
        take: z.enum(['local', 'remote', 'value']),
        value: CanonicalValue,
      }),
    ),
  }),
  z.strictObject({
    kind: z.literal('deletion'),
    choice: z.enum(deletionChoices),
    seenVersion: z.string().nullable(),
  }),
])
export const parseResolution = (raw: unknown): Resolution => StoredResolution.parse(raw)

const QuestionMappings: z.ZodType<EndQuestion['mappings']> = z.array(
  z.strictObject({ mappingId: z.int(), name: z.string(), version: z.int() }),
)
export const parseQuestionMappings = (raw: unknown): EndQuestion['mappings'] => QuestionMappings.parse(raw)

const QuestionResults: z.ZodType<EndQuestion['results']> = z.array(
  z.strictObject({ name: z.string(), result: z.enum(['changed', 'kept', 'edited-meanwhile']) }),
)
export const parseQuestionResults = (raw: unknown): EndQuestion['results'] => QuestionResults.parse(raw)
