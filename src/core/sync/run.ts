import type { InitialDirection } from '../mapping/conflict-strategy.ts'
import type { JobDirection, Side } from '../mapping/definition.ts'
import type { AccessChange } from './access.ts'
import type { DeletionAnswers, DeletionSet } from './deletion.ts'
import type { Counters } from './outcome.ts'
import type { StepCosts } from './step-costs.ts'

export const runKinds = ['full', 'modified', 'mapping', 'records', 'couple', 'uncouple', 'deletions'] as const
export type RunKind = (typeof runKinds)[number]

/** What a job does with the records it looks at: bring them across, couple them by match fields, or remove couplings. */
export const jobTypes = ['synchronization', 'coupling', 'uncoupling'] as const
export type JobType = (typeof jobTypes)[number]

/** `succeeded-with-failures`: all lines finished, some records did not; never shown as plain success. */
export const runStates = [
  'queued',
  'running',
  'succeeded',
  'succeeded-with-failures',
  'failed',
  'cancelled',
] as const
export type RunState = (typeof runStates)[number]

/**
 * pending – waits for its dependencies; ready – may start; running – a worker has begun; finished – all its jobs
 * ended; failed – a job ended by an error; blocked – a dependency failed; cancelled.
 */
export const lineStates = [
  'pending',
  'ready',
  'running',
  'finished',
  'failed',
  'blocked',
  'cancelled',
] as const
export type LineState = (typeof lineStates)[number]

/** ready → running → succeeded | succeeded-with-failures | failed | cancelled */
export const jobStates = [
  'ready',
  'running',
  'succeeded',
  'succeeded-with-failures',
  'failed',
  'cancelled',
] as const
export type JobState = (typeof jobStates)[number]

/**
 * Which records a line looks at: everything, what changed after the watermark, only requested and due ones, or only those
 * that were deleted.
 */
export const selections = ['all', 'changes', 'requests', 'deletions'] as const
export type Selection = (typeof selections)[number]

/** What a full synchronization does with one mapping, as people choose it (domain.md §13.2). */
export const lineChoices = ['full', 'couple', 'leave out'] as const
export type LineChoice = (typeof lineChoices)[number]

/**
 * Which way single records go: to the remote side, from there, or merged field by field (domain.md §12.2: Send, Get,
 * Merge).
 */
export const recordWays = ['to', 'from', 'merge'] as const
export type RecordWay = (typeof recordWays)[number]

/** Overrides of one run; a stored mapping is never changed by them (P12). */
export interface RunOptions {
  /** Creates missing partners although the mapping says only coupled records; a full synchronization sets it. */
  readonly createMissing: boolean
  /** Answer to the question at the end, given beforehand. */
  readonly keepCreating: 'yes' | 'no' | 'ask'
  /** A preview: everything is read and decided, and nothing is written outside or remembered of any record. */
  readonly dryRun: boolean
  /** By mapping name: the initial direction that holds in this run. */
  readonly initialDirection: Readonly<Record<string, InitialDirection>>
  /** Takes skipped records along instead of leaving them out. */
  readonly includeSkipped: boolean
  /** Which way the records go that a `records` run was asked for. */
  readonly recordsGo: RecordWay
  /** Leaves records alone that are due and that this run was not asked for: whoever retries one record wants no other one tried. */
  readonly onlyAsked: boolean
  /** Whose answers about deletions it carries out; null: it was started for something else. */
  readonly answers: DeletionAnswers | null
}

/** The options of a run that overrides nothing. */
export const plainOptions: RunOptions = Object.freeze({
  createMissing: false,
  keepCreating: 'no',
  dryRun: false,
  initialDirection: {},
  includeSkipped: false,
  recordsGo: 'merge',
  onlyAsked: false,
  answers: null,
})

export interface Run {
  readonly id: number
  readonly pairId: number
  readonly kind: RunKind
  readonly state: RunState
  readonly options: RunOptions
  readonly requestedBy: string
  readonly reason: string
  readonly priority: number
  readonly generation: number
  readonly scheduleId: number | null
  readonly slot: string | null
  readonly idempotencyKey: string | null
  readonly error: { readonly code: string; readonly message: string } | null
  /** Who has cancelled it; it ends with the page at work. Null: nobody. */
  readonly cancelledBy: string | null
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
}

export interface Line {
  readonly id: number
  readonly runId: number
  readonly pairId: number
  readonly mappingId: number
  readonly mappingName: string
  readonly mappingVersion: number
  readonly position: number
  readonly selection: Selection
  readonly state: LineState
  readonly dependsOn: readonly number[]
  /** Dependencies the mapping names that are not part of this run or do not exist: ignored, and shown. */
  readonly ignoredDependencies: readonly string[]
  readonly generation: number
  readonly error: { readonly code: string; readonly message: string } | null
  /** Names of the lines that keep this one from starting, when it is blocked. */
  readonly blockedBy: readonly string[]
  readonly startedAt: string | null
  readonly finishedAt: string | null
}

/** Where a job goes on after a stop. */
export interface Checkpoint {
  readonly cursor: string | null
  /** Watermark taken before the first page of a pass over everything. */
  readonly ceiling: string | null
  readonly pages: number
  /** The pass over the table is complete; only deletions, requests and due issues may be left. */
  readonly passDone: boolean
  /** A full compare notes the couplings of which both records were there; left out: it does not. */
  readonly seen?: SeenSince | undefined
  readonly deletions?: DeletionSearch | undefined
}

/** What a pass over everything has to remember from its beginning, so that what it did not meet is a suspicion. */
export interface SeenSince {
  /** Couplings made later are too young to be judged by it. */
  readonly startedAt: string
  /** By side that is searched: where its tombstones go on, and what the connection could see. */
  readonly sides: Readonly<Partial<Record<Side, { readonly mark: string | null; readonly access: string }>>>
}

/** Where the search of a job for deleted records stands; it begins when the pass is complete. */
export interface DeletionSearch {
  /** Sides that have been searched. */
  readonly done: readonly Side[]
  /** All keys of these have been compared, and not only what has been heard of since the last time. */
  readonly isWhole: boolean
  /** The keys of this side are being listed. */
  readonly comparison: {
    readonly side: Side
    readonly cursor: string | null
    /** Couplings made later are too young to be judged by it. */
    readonly startedAt: string
    /** How many keys have been listed. */
    readonly staged: number
    /** Tombstones from here on are read by the next search; null where there are none. */
    readonly mark: string | null
    /** What the connection could see when the listing began. */
    readonly access: string
  } | null
  /** The same of the sides that have been compared; null: it changed meanwhile, and nobody of that side is absent. */
  readonly access: Readonly<Partial<Record<Side, string | null>>>
  /** What the brake has said about everything that was found; null: not asked yet. */
  readonly verdict: BrakeVerdict | null
}

/** The answer of the mass-change brake for the set it was given for. */
export interface BrakeVerdict extends DeletionSet {
  readonly isHeld: boolean
  /** All keys were compared: what an earlier search has held is part of the set, and gets the same answer. */
  readonly isWhole: boolean
  /** Holds the set whatever its size; or null. */
  readonly accessChange: AccessChange | null
}

export interface Job {
  readonly id: number
  readonly lineId: number
  readonly runId: number
  readonly mappingId: number
  readonly mappingName: string
  readonly type: JobType
  readonly direction: JobDirection
  /** The job of a preview: what it counts has not happened. */
  readonly preview: boolean
  readonly state: JobState
  readonly counters: Counters
  readonly checkpoint: Checkpoint | null
  readonly estimatedRows: number | null
  /** Where its time went, over all attempts that ended in an orderly way; null before the first. */
  readonly stepCosts: StepCosts | null
  /** How often the work went on after its worker had died, or was frozen until it lost its lease. */
  readonly takeovers: number
  readonly error: { readonly code: string; readonly message: string } | null
  readonly startedAt: string | null
  readonly finishedAt: string | null
}

export const lineIsDone = (state: LineState): boolean =>
  state !== 'pending' && state !== 'ready' && state !== 'running'
export const runIsDone = (state: RunState): boolean => state !== 'queued' && state !== 'running'
