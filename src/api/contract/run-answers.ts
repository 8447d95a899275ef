import { z } from 'zod'
import { initialDirections } from '../../core/mapping/conflict-strategy.ts'
import { counterNames, detailNames, outcomeKinds } from '../../core/sync/outcome.ts'
import {
  jobStates,
  jobTypes,
  lineStates,
  recordWays,
  runKinds,
  runStates,
  selections,
} from '../../core/sync/run.ts'
import { costSteps } from '../../core/sync/step-costs.ts'
import { Direction, Failure, FieldChange, Id, Instant, MaybeInstant, MaybeKey } from './answers.ts'

/** One request for work: who asked, why, when, and how it went. */
export const Run = z
  .object({
    id: Id,
    pairId: Id,
    kind: z.enum(runKinds),
    state: z.enum(runStates),
    /** It shows what the run would do, and writes nothing. */
    preview: z.boolean(),
    options: z.object({
      createMissing: z.boolean(),
      keepCreating: z.enum(['yes', 'no', 'ask']),
      dryRun: z.boolean(),
      initialDirection: z.record(z.string(), z.enum(initialDirections)),
      includeSkipped: z.boolean(),
      recordsGo: z.enum(recordWays),
      onlyAsked: z.boolean().meta({ description: 'Leaves alone what is due and was not asked for' }),
    }),
    requestedBy: z.string(),
    reason: z.string(),
    priority: z.int(),
    scheduleId: Id.nullable(),
    slot: z.string().nullable(),
    idempotencyKey: z.string().nullable(),
    error: Failure,
    /** Who has cancelled it; while it is not null, the run ends with the pages at work. */
    cancelledBy: z.string().nullable(),
    createdAt: Instant,
    startedAt: MaybeInstant,
    finishedAt: MaybeInstant,
  })
  .meta({ id: 'Run' })
export type Run = z.infer<typeof Run>

/** One mapping inside a run. */
const Line = z
  .object({
    id: Id,
    runId: Id,
    mappingId: Id,
    mappingName: z.string(),
    mappingVersion: z.int(),
    position: z.int(),
    selection: z.enum(selections),
    state: z.enum(lineStates),
    dependsOn: z.array(Id),
    ignoredDependencies: z.array(z.string()),
    error: Failure,
    blockedBy: z.array(z.string()),
    startedAt: MaybeInstant,
    finishedAt: MaybeInstant,
  })
  .meta({ id: 'Line' })

/** `read` is the sum of the outcomes plus `ignored` and `notCoupled`; the others are parts of these. */
const Counters = z.record(z.enum(['read', ...counterNames, ...detailNames]), z.int()).meta({ id: 'Counters' })

const StepCost = z.object({ ms: z.number(), requests: z.int() })

/** One direction of one line. */
export const Job = z
  .object({
    id: Id,
    lineId: Id,
    runId: Id,
    mappingId: Id,
    mappingName: z.string(),
    type: z.enum(jobTypes),
    direction: Direction,
    preview: z.boolean(),
    state: z.enum(jobStates),
    counters: Counters,
    pages: z.int(),
    estimatedRows: z.int().nullable(),
    stepCosts: z.record(z.enum(costSteps), StepCost).nullable(),
    takeovers: z.int(),
    error: Failure,
    startedAt: MaybeInstant,
    finishedAt: MaybeInstant,
  })
  .meta({ id: 'Job' })

/** "Keep creating new records in scheduled jobs?" */
export const Question = z
  .object({
    state: z.enum(['open', 'answered', 'expired']),
    answer: z.enum(['yes', 'no']).nullable(),
    mappings: z.array(z.string()),
    results: z.array(z.object({ name: z.string(), result: z.enum(['changed', 'kept', 'edited-meanwhile']) })),
    expiresAt: Instant,
  })
  .meta({ id: 'Question' })

const PreviewSample = z.object({
  localKey: MaybeKey,
  remoteKey: MaybeKey,
  message: z.string().nullable(),
  changes: z.array(FieldChange),
})

const SideCosts = z.object({ reads: z.int(), writes: z.int(), records: z.int() })

/** What a preview has found. */
const Preview = z
  .object({
    possibleDuplicates: z.int(),
    findings: z.array(
      z.object({
        jobId: Id,
        mapping: z.string(),
        direction: Direction,
        kind: z.enum(outcomeKinds),
        code: z.string().nullable(),
        field: z.string().nullable(),
        records: z.int(),
        samples: z.array(PreviewSample),
      }),
    ),
    costs: z.array(z.object({ jobId: Id, mapping: z.string(), local: SideCosts, remote: SideCosts })),
  })
  .meta({ id: 'Preview' })

/** A run with everything that belongs to it; counters are summed over its jobs. */
export const RunDetails = z
  .object({
    run: Run,
    lines: z.array(Line),
    jobs: z.array(Job),
    counters: Counters,
    preview: Preview.nullable(),
    question: Question.nullable(),
  })
  .meta({ id: 'RunDetails' })
export type RunDetails = z.infer<typeof RunDetails>
