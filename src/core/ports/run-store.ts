import type { JobDirection } from '../mapping/definition.ts'
import type {
  Job,
  JobState,
  JobType,
  Line,
  LineState,
  Run,
  RunKind,
  RunOptions,
  RunState,
  Selection,
} from '../sync/run.ts'
import type { StepCosts } from '../sync/step-costs.ts'
import type { RecordKey } from '../values/key.ts'
import type { Act } from './act.ts'
import type { Fence } from './lease-store.ts'
import type { InboxTask } from './sync-store.ts'
import type { TimeRange } from './time-range.ts'

/** One record asked for; merged with a request for the same record that is still waiting. */
export interface RecordRequest {
  readonly direction: JobDirection
  readonly key: RecordKey
  readonly force: boolean
  readonly createMissing: boolean
  /** Something else than to synchronize the record; left out or null: to synchronize it. */
  readonly task?: InboxTask | null
  /** A person asks: a memory of having been uncoupled no longer keeps the record from getting a new partner. */
  readonly releases?: boolean
}

export interface NewLine {
  readonly mappingId: number
  readonly mappingVersion: number
  readonly position: number
  readonly selection: Selection
  readonly jobType: JobType
  readonly directions: readonly JobDirection[]
  /** Names of mappings among the lines of the same run. */
  readonly dependsOn: readonly string[]
  readonly ignoredDependencies: readonly string[]
  /** Records asked for; they become inbox rows. */
  readonly requests: readonly RecordRequest[]
}

export interface NewRun {
  readonly pairId: number
  readonly kind: RunKind
  readonly options: RunOptions
  readonly requestedBy: string
  readonly reason: string
  /** Smaller first (core/jobs/priority.ts). */
  readonly priority: number
  /** Told of the end of the run (docs/webhooks.md); left out or null: nobody is. */
  readonly callbackUrl?: string | null
  readonly idempotencyKey: string | null
  readonly payloadHash: string | null
  readonly scheduleId: number | null
  /** Time slot of the schedule; unique together with it. */
  readonly slot: string | null
  readonly lines: readonly NewLine[]
  /**
   * A run that has not begun and will do the same, asked for by the same person for the same reason, is the answer; it takes
   * along the records of this request. Left out: no.
   */
  readonly deduplicate?: boolean
}

export interface RunDetails {
  readonly run: Run
  /** In order of position. */
  readonly lines: readonly Line[]
  readonly jobs: readonly Job[]
}

/** What the queue has to know of a run that is not finished. */
export interface QueueView {
  readonly run: Run
  readonly lines: readonly Line[]
}

export interface RunStore {
  /**
   * Creates run, lines, jobs and inbox rows in one transaction. The same idempotency key with the same payload, or the
   * same (schedule, slot), returns the run that exists with `created: false`; with another payload throws RUN_KEY_REUSED.
   * With `deduplicate` a run that waits may be the answer, with `created: false` as well. A second `full` run of the pair
   * while one is unfinished throws FULL_SYNC_RUNNING. `lines` are those of a run that was created.
   */
  createRun(run: NewRun): Promise<{ run: Run; created: boolean; lines: readonly Line[] }>
  /** The run a repeated request stands for, or null; throws RUN_KEY_REUSED when the key was used for something else. */
  findSameRun(
    request: Pick<NewRun, 'pairId' | 'idempotencyKey' | 'payloadHash' | 'scheduleId' | 'slot'>,
  ): Promise<Run | null>
  /** Throws RUN_UNKNOWN. */
  getRun(runId: number): Promise<RunDetails>
  /** Newest first; `before` is a run id for the next page. Times are those at which it was asked for. */
  listRuns(
    query: TimeRange & {
      limit: number
      before: number | null
      kind: RunKind | null
      state?: RunState | null | undefined
      pairId?: number | null
      /** With a line for it. */
      mapping?: string | undefined
      requestedBy?: string | undefined
      /** With lines for these, and for no other mapping; null: whichever it has. */
      onlyMappings?: readonly string[] | null
    },
  ): Promise<readonly Run[]>
  /**
   * Puts records into the inbox of a mapping, merged with those that wait there. Returns the run whose line of requests has
   * not begun yet, and will see them; null: nobody is sure to look.
   */
  requestRecords(
    mapping: { readonly id: number; readonly pairId: number },
    requests: readonly RecordRequest[],
  ): Promise<number | null>
  /** Newest first. Times are those at which it was planned. */
  listJobs(
    query: TimeRange & {
      limit: number
      before: number | null
      mapping: string | null
      state?: JobState | null | undefined
      pairId?: number | null
      runId?: number | null
      /** Of the error that ended it. */
      code?: string | null | undefined
    },
  ): Promise<readonly Job[]>
  getLine(lineId: number): Promise<Line>
  /** ready | running → running; false when the line is done already or its run is. */
  startLine(lineId: number): Promise<boolean>
  /**
   * Counts a start of the line: how many in a row, this one included, have found it where the one before had found it, and
   * have not ended in order (`forgetStarts`). More than one: workers die over it.
   */
  countStart(lineId: number): Promise<number>
  forgetStarts(lineId: number): Promise<void>
  startJob(jobId: number, fence: Fence, estimatedRows: number | null): Promise<void>
  /**
   * Writes down that the mapping's running jobs, of whichever run but a preview, were left behind by a worker that died or was frozen: their
   * number of takeovers grows, and the audit log names the worker. Fenced.
   */
  recordTakeover(mappingId: number, fence: Fence, from: string): Promise<void>
  /** Fenced. `succeeded` becomes `succeeded-with-failures` when the counters say so. */
  finishJob(
    jobId: number,
    fence: Fence,
    state: JobState,
    error: { code: string; message: string } | null,
  ): Promise<void>
  /** Adds to what the steps of a job have cost. Fenced. */
  addStepCosts(jobId: number, fence: Fence, costs: StepCosts): Promise<void>
  /**
   * Ends a line, applies `applyGraph` (src/core/sync/graph.ts) to the other lines of the run in the same transaction,
   * and returns the lines that became ready by it. A line that is done already changes nothing and returns the lines
   * that are ready now. Fenced unless `fence` is null (a failure before the lease was taken).
   */
  finishLine(
    lineId: number,
    state: LineState,
    error: { code: string; message: string } | null,
    fence: Fence | null,
  ): Promise<readonly Line[]>
  /**
   * Ends a line of requests that has not begun and whose requests others have answered, with its jobs, and returns the lines that became ready;
   * null when there is something left to do.
   */
  finishAnsweredLine(lineId: number): Promise<readonly Line[] | null>
  /** Pins the line to a newer mapping version; all its jobs begin again, finished or not (a mapping edited while it ran). */
  replanLine(lineId: number, mappingVersion: number): Promise<void>
  /** queued → running */
  startRun(runId: number): Promise<void>
  /** Ends the run when no line is pending, ready or running; returns the run as it is then. */
  finishRunIfDone(runId: number): Promise<Run>
  failRun(runId: number, error: { code: string; message: string }): Promise<void>
  /** Adds lines to an unfinished run (a follow-up pass for records released late); returns all lines. */
  addLines(runId: number, lines: readonly NewLine[]): Promise<readonly Line[]>
  /** Unfinished runs, oldest first; `after` is a run id for the next page. */
  listUnfinished(query: { limit: number; after: number }): Promise<readonly QueueView[]>
  /**
   * Raises the queue generation of a run or line and returns it: the only way a queue job id is ever renewed. Only from the one
   * the caller has seen: null when somebody else was first, or nothing is left to do.
   */
  raiseRunGeneration(run: Pick<Run, 'id' | 'generation'>): Promise<number | null>
  raiseLineGeneration(line: Pick<Line, 'id' | 'generation'>): Promise<number | null>
  /**
   * Failed and blocked lines of a finished or running run become ready or pending again; a line that is named and has
   * finished begins from the start. With an entry in the audit log, which also keeps who had cancelled the run. Throws
   * NOTHING_TO_RETRY, for previews always.
   */
  retryLines(runId: number, lineIds: readonly number[] | null, act: Act): Promise<QueueView>
  /** Keys of the run's failed, waiting, conflicting and skipped records per line and direction. */
  listFailedRecords(
    runId: number,
  ): Promise<readonly { mappingId: number; direction: JobDirection; key: RecordKey }[]>
  /**
   * Ends lines that have not begun, and drops what was asked for through the run only; lines at work end themselves between
   * two pages, and the run with the last of them. Again: changes nothing. Throws RUN_UNKNOWN, RUN_ENDED.
   */
  cancelRun(runId: number, act: Act): Promise<Run>
  /** Asked between two pages. */
  isCancelled(runId: number): Promise<boolean>
}
