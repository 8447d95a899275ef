import type { MatchFinding, MatchVerdict } from '../coupling/match-list.ts'
import type { JobDirection, Side } from '../mapping/definition.ts'
import type { Checkpoint } from '../sync/run.ts'
import type { RecordKey } from '../values/key.ts'
import type { Fence } from './lease-store.ts'

/** A record with its match key per group, digested; null where the group does not apply to it. */
export interface StagedRecord {
  readonly key: RecordKey
  readonly matchKeys: readonly (string | null)[]
}

/** Match-based coupling in the store: both sides' match keys are staged by the page, then compared all at once. */
export interface MatchStore {
  /** Removes what this job and those of the mapping that have ended have staged. Fenced. */
  beginMatching(fence: Fence, job: { mappingId: number; jobId: number }): Promise<void>
  /** Adds a page of one side and saves the checkpoint with it, or neither. Fenced. */
  stageMatchKeys(
    fence: Fence,
    page: {
      readonly mappingId: number
      readonly jobId: number
      readonly side: Side
      readonly records: readonly StagedRecord[]
      readonly checkpoint: Checkpoint
    },
  ): Promise<void>
  /** Rows the job has staged; a server that has crashed has lost them all. */
  countStaged(jobId: number): Promise<number>
  /**
   * Judges every staged record of the source side that is not coupled in this mapping, in a constant number of statements;
   * counts those that are coupled as unchanged, and saves the checkpoint. Fenced; repeatable.
   */
  judgeMatches(
    fence: Fence,
    job: {
      readonly mappingId: number
      readonly jobId: number
      readonly direction: JobDirection
      readonly checkpoint: Checkpoint
    },
  ): Promise<void>
  /** Findings of a job after an id, in the order of their ids. */
  findFindings(
    jobId: number,
    page: { readonly after: number; readonly limit: number },
  ): Promise<readonly MatchFinding[]>
  /** Newest first; `before` is an id for the next page. */
  listFindings(query: {
    readonly runId: number
    readonly verdict: MatchVerdict | null
    readonly limit: number
    readonly before: number | null
  }): Promise<readonly MatchFinding[]>
}
