import type { Coupling, CouplingBases, CouplingWrite } from '../coupling/coupling.ts'
import type { JobDirection, Side } from '../mapping/definition.ts'
import type { Issue } from '../sync/issue.ts'
import type { Counters } from '../sync/outcome.ts'
import type { PreviewCosts, PreviewFinding } from '../sync/preview.ts'
import type { Checkpoint } from '../sync/run.ts'
import type { RecordKey } from '../values/key.ts'
import type { Values } from '../values/value.ts'
import type { DeletionSuspect, Search } from './deletion-store.ts'
import type { Fence } from './lease-store.ts'
import type { FollowingRequest, InboxRow, PageCommit, ResolvedReference } from './sync-store.ts'

/** A record as it would be after a write of the preview. */
export interface PlannedRecord {
  /** Key under which its table has the record now; null when it would be created. */
  readonly realKey: RecordKey | null
  readonly key: RecordKey
  /** Stands in no real record, so that nothing real is taken for it. */
  readonly version: string
  readonly modifiedAt: string | null
  /** All fields the mapping reads. */
  readonly values: Values
}

/** A coupling as it would be, with the records that would have been written to get there. */
export interface PlannedCoupling extends CouplingWrite {
  /** Null for a side that is left as it is, or that an earlier page of the preview has planned. */
  readonly written: { readonly local: PlannedRecord | null; readonly remote: PlannedRecord | null }
}

/** Everything one page of a preview changes, in one transaction or not at all. */
export interface PreviewCommit {
  readonly runId: number
  readonly mappingId: number
  readonly pairId: number
  readonly couplings: readonly PlannedCoupling[]
  readonly findings: readonly PreviewFinding[]
  readonly costs: { readonly jobId: number; readonly costs: PreviewCosts } | null
  readonly counters: ReadonlyMap<number, Partial<Counters>>
  readonly checkpoint: { readonly jobId: number; readonly value: Checkpoint } | null
  readonly doneInbox: readonly Pick<InboxRow, 'id'>[]
  /** Records the preview is to look at next, as the real run would. */
  readonly requests: readonly FollowingRequest[]
  /** Records whose due issue has been looked at. */
  readonly judged: readonly { readonly direction: JobDirection; readonly key: RecordKey }[]
  /** Reference names that would be resolved: issues that wait for them are looked at in this preview. */
  readonly releases: readonly string[]
  /** Real couplings whose other record was not there, and those that are judged now: as in PageCommit. */
  readonly foundDeletions: PageCommit['foundDeletions']
  readonly settledDeletions: readonly number[]
}

/** The suspects that the jobs of one direction of a preview have found. */
export interface PreviewSearch extends Search {
  readonly runId: number
}

/** What a preview has found, over all its jobs. */
export interface PreviewResult {
  readonly findings: readonly PreviewFinding[]
  readonly costs: readonly (PreviewCosts & { readonly jobId: number })[]
}

/**
 * What the previews keep of their own, by run; nothing a real run looks at. Couplings made by a preview have negative
 * ids. Everything but the result is removed when the run ends. Constant numbers of statements, as in SyncStore.
 */
export interface PreviewStore {
  /** Planned couplings with one of these keys, and those that stand for one of these real couplings. */
  findCouplings(
    preview: { runId: number; mappingId: number },
    side: Side,
    keys: readonly RecordKey[],
    realIds: readonly number[],
  ): Promise<readonly Coupling[]>
  loadBases(runId: number, couplingIds: readonly number[]): Promise<ReadonlyMap<number, CouplingBases>>
  /** Keys that planned couplings of the exclusivity group hold, with the mapping's name and the partner. */
  findTaken(
    runId: number,
    group: string,
    side: Side,
    keys: readonly RecordKey[],
    exceptMappingId: number,
  ): Promise<ReadonlyMap<RecordKey, string>>
  resolveReferences(
    preview: { runId: number; mappingId: number },
    side: Side,
    references: readonly string[],
  ): Promise<ReadonlyMap<string, ResolvedReference>>
  /** Planned records of one side, by the key they would have or by the one they have. */
  findRecords(
    preview: { runId: number; mappingId: number },
    side: Side,
    keys: readonly RecordKey[],
  ): Promise<readonly PlannedRecord[]>
  /** Records the preview was asked for; oldest first. */
  findInbox(
    preview: { runId: number; mappingId: number },
    direction: JobDirection,
    limit: number,
  ): Promise<readonly InboxRow[]>
  /** Issues that were due when the preview was asked for, or that it would release. */
  findDueIssues(
    preview: { runId: number; mappingId: number },
    direction: JobDirection,
    limit: number,
  ): Promise<readonly Issue[]>
  hasDueWork(preview: { runId: number; mappingId: number }): Promise<boolean>
  /** Suspects of a preview, as DeletionStore keeps those of real runs; a coupling is noted once. */
  addSuspects(fence: Fence, search: PreviewSearch, couplingIds: readonly number[]): Promise<void>
  listSuspects(search: PreviewSearch, after: number, limit: number): Promise<readonly DeletionSuspect[]>
  /** Those about which nobody has chosen yet. */
  countSuspects(search: PreviewSearch): Promise<number>
  dropSuspects(fence: Fence, runId: number, couplingIds: readonly number[]): Promise<void>
  /** Fenced: throws LEASE_LOST and changes nothing. */
  commitPage(fence: Fence, commit: PreviewCommit): Promise<void>
  getResult(runId: number): Promise<PreviewResult>
}
