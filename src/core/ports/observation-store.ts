import type { JobDirection } from '../mapping/definition.ts'
import type { IssueKind } from '../sync/issue.ts'
import type { Outcome } from '../sync/outcome.ts'

/** How long ago one direction of a mapping was last brought up to date. */
export interface MappingAge {
  readonly pair: string
  readonly mapping: string
  readonly direction: JobDirection
  /**
   * Since the start of the last job over changes or everything that succeeded, or since a schedule that sleeps has looked and found
   * nothing to do; without either, since the mapping was made.
   */
  readonly ageSeconds: number
  /** A schedule that is on, and not paused, runs it. */
  readonly isScheduled: boolean
}

/** Outcomes since the beginning; `code` is empty where there is none. */
export interface OutcomeTotal {
  readonly pair: string
  readonly mapping: string
  readonly direction: JobDirection
  readonly kind: Outcome['kind']
  readonly code: string
  readonly records: number
}

/** Records that have an issue at this moment. */
export interface IssueTotal {
  readonly pair: string
  readonly mapping: string
  readonly kind: IssueKind
  readonly records: number
  /** Deletions that wait for an approval, a part of `records`. */
  readonly held: number
}

/** Runs of a pair that have not ended: those that wait to begin, or those that have begun. */
export interface UnfinishedRuns {
  readonly pair: string
  readonly isStarted: boolean
  readonly runs: number
  /** Since the oldest of them was asked for. */
  readonly oldestSeconds: number
}

/**
 * What operators watch. Nothing here counts the ledger: each method costs the same whatever has happened before
 * (`listIssueTotals` counts the issues that are open).
 */
export interface ObservationStore {
  /** Enabled mappings by pair, position and direction. */
  listMappingAges(): Promise<readonly MappingAge[]>
  listOutcomeTotals(): Promise<readonly OutcomeTotal[]>
  listIssueTotals(): Promise<readonly IssueTotal[]>
  listUnfinishedRuns(): Promise<readonly UnfinishedRuns[]>
  /** Records that failed in jobs that ended in the last minutes; mappings without any are left out. Previews do not count. */
  countRecentFailures(
    minutes: number,
  ): Promise<readonly { readonly pair: string; readonly mapping: string; readonly records: number }[]>
  /** Runs that failed in the last minutes; pairs without any are left out. Previews do not count. */
  countRecentlyFailedRuns(
    minutes: number,
  ): Promise<readonly { readonly pair: string; readonly runs: number }[]>
}
