import type { Coupling, CouplingBases, CouplingWrite } from '../coupling/coupling.ts'
import type { Dependents, ReferringMapping } from '../coupling/dependents.ts'
import type { UncoupledPair, Uncoupling } from '../coupling/uncoupling.ts'
import type { JobDirection, Side } from '../mapping/definition.ts'
import type { DeletionAnswers } from '../sync/deletion.ts'
import type { ConflictResolution, Issue, IssueWrite } from '../sync/issue.ts'
import type { Circumstances, KnownIssue } from '../sync/ledger.ts'
import type { Counters, Outcome } from '../sync/outcome.ts'
import type { Checkpoint } from '../sync/run.ts'
import type { RecordKey } from '../values/key.ts'
import type { Values } from '../values/value.ts'
import type { Fence } from './lease-store.ts'

/** What a worker was about to write for one record when it opened the page intent. */
export interface IntendedWrite {
  readonly sourceKey: RecordKey
  readonly sourceVersion: string
  readonly sourceValues: Values
  readonly destinationKey: RecordKey | null
  /** Idempotency token of an insert; null for an update. */
  readonly token: string | null
  readonly expectedVersion: string | null
  readonly values: Values
  /** Set where the write is about a deleted record: what is done to the record that is left over, on its side. */
  readonly deletion?: { readonly side: Side; readonly kind: 'delete' | 'archive' } | undefined
}

/** A page intent nobody has closed: its writes may or may not have happened, or may still happen. */
export interface OpenIntent {
  readonly id: number
  readonly direction: JobDirection
  readonly jobId: number
  readonly writes: readonly IntendedWrite[]
  /** The records have been read and settled once by a later holder; only the last look is left. */
  readonly settledOnce: boolean
  /** Deadline and the server's longest run time have passed: nothing more can arrive, this look is the last one. */
  readonly isPast: boolean
  /** By the clock of the store; nothing of it was sent earlier. */
  readonly openedAt: string
  /** Watermark of the destination: what it has created is among the changes since. Null where it is found otherwise. */
  readonly searchFrom: string | null
}

/** A request to synchronize one record soon; the same record asked for twice is one row. */
export interface InboxRow {
  readonly id: number
  /** Changes when the record is asked for again; a commit removes the row only if it still has this value. */
  readonly seq: string
  readonly direction: JobDirection
  readonly key: RecordKey
  /** Jobs that get the outcome. */
  readonly jobIds: readonly number[]
  /** Skips every short way: both sides are read and compared. */
  readonly force: boolean
  /** The request allows creating the missing partner. */
  readonly createMissing: boolean
  readonly task: InboxTask | null
}

/** What is done with two records once a person has coupled them: nothing, one side's values to the other, or a merge. */
export const afterCoupling = ['nothing', 'to', 'from', 'merge'] as const
export type AfterCoupling = (typeof afterCoupling)[number]

/** What a person has decided about one record, carried out by whoever holds the mapping (architecture.md §5.2). */
export type InboxTask =
  | { readonly kind: 'couple'; readonly with: RecordKey; readonly next: AfterCoupling }
  | { readonly kind: 'uncouple'; readonly reason: string; readonly uncoupledBy: string }
  /** Synchronize it; where both sides have changed a field, its own value wins. */
  | { readonly kind: 'send' }

/** A request that a page makes itself, for jobs that are to get the outcome; without any, whoever works it off counts it. */
export interface FollowingRequest {
  readonly direction: JobDirection
  readonly key: RecordKey
  readonly jobIds: readonly number[]
  readonly createMissing: boolean
}

/** What a reference resolves to: the coupling's reference on both sides. */
export interface ResolvedReference {
  readonly local: string
  readonly remote: string
}

/** An issue that stays as it is and was met again by a job. */
export interface MetIssue {
  readonly direction: JobDirection
  readonly key: RecordKey
  readonly jobId: number
  /** Its record has changed: it is due at once, set aside or not. */
  readonly isReleased: boolean
}

/** Everything one page changes in the store, applied in one transaction or not at all. */
export interface PageCommit {
  readonly mappingId: number
  readonly pairId: number
  readonly couplings: readonly CouplingWrite[]
  /** Removed before `couplings` are written. */
  readonly uncouplings: readonly Uncoupling[]
  /** Couplings of which both records were there; noted only while a full compare goes on. */
  readonly seenCouplings: readonly number[]
  /** Couplings whose other record was not there: looked at again when the pass is complete. */
  readonly foundDeletions: readonly { readonly direction: JobDirection; readonly couplingId: number }[]
  /** Couplings that were found so, and are judged now. */
  readonly settledDeletions: readonly number[]
  readonly outcomes: readonly Outcome[]
  readonly openIssues: readonly IssueWrite[]
  readonly closeIssues: readonly { readonly direction: JobDirection; readonly key: RecordKey }[]
  readonly metIssues: readonly MetIssue[]
  /** Reference names that can be resolved from now on: issues that wait for them become due. */
  readonly releases: readonly string[]
  readonly counters: ReadonlyMap<number, Partial<Counters>>
  readonly checkpoint: { readonly jobId: number; readonly value: Checkpoint } | null
  readonly watermark: { readonly side: Side; readonly value: string; readonly runId: number } | null
  /** Selection generation that is now completely scanned, at the end of a pass over everything. */
  readonly scannedGeneration: number | null
  /** Intents to remove; `keepForLastLook` are marked as settled once and stay. */
  readonly closeIntents: readonly number[]
  readonly keepForLastLook: readonly number[]
  /** Rows served by this page; one that was asked for again meanwhile stays, for the jobs that came later. */
  readonly doneInbox: readonly Pick<InboxRow, 'id' | 'seq' | 'jobIds'>[]
  /** Records of this mapping to be synchronized next, whatever has or has not changed. */
  readonly requests: readonly FollowingRequest[]
}

/**
 * What a run was asked for: issues that its own jobs have left, those of the operation or the answers it carries out, and
 * those of these records.
 */
export interface AskedIssues {
  readonly jobIds: readonly number[]
  readonly operationId: number | null
  readonly answers: DeletionAnswers | null
  readonly keys: readonly RecordKey[]
}

/** The store as the page pipeline sees it. Every method is a constant number of statements, whatever the page size. */
export interface SyncStore {
  findCouplings(mappingId: number, side: Side, keys: readonly RecordKey[]): Promise<readonly Coupling[]>
  /** Couplings of the mapping with `after` < id ≤ `last`, in the order of their ids. */
  listCouplings(
    mappingId: number,
    page: { readonly after: number; readonly last: number; readonly limit: number },
  ): Promise<readonly Coupling[]>
  /** The highest id of a coupling of the mapping; 0 when it has none. */
  findLastCoupling(mappingId: number): Promise<number>
  loadBases(couplingIds: readonly number[]): Promise<ReadonlyMap<number, CouplingBases>>
  /** Keys out of `keys` that another mapping of the exclusivity group has coupled, with its name and the partner, for messages. */
  findTaken(
    group: string,
    side: Side,
    keys: readonly RecordKey[],
    exceptMappingId: number,
  ): Promise<ReadonlyMap<RecordKey, string>>
  /**
   * Records of the referring mappings whose references go through these couplings, by id of the coupling; nothing where
   * nobody refers to it. `names` holds at most NAMED_DEPENDENTS of each mapping.
   */
  findDependents(
    couplings: readonly Coupling[],
    referring: readonly ReferringMapping[],
  ): Promise<ReadonlyMap<number, readonly Dependents[]>>
  /** The uncoupled pairs that are remembered of these records, by their key on that side. */
  findUncoupled(
    mappingId: number,
    side: Side,
    keys: readonly RecordKey[],
  ): Promise<ReadonlyMap<RecordKey, readonly UncoupledPair[]>>
  /** True when another mapping than this one is in the exclusivity group. */
  isGroupShared(group: string, side: Side, mappingId: number): Promise<boolean>
  /** Couplings of one referenced mapping by the reference of one side. */
  resolveReferences(
    mappingId: number,
    side: Side,
    references: readonly string[],
  ): Promise<ReadonlyMap<string, ResolvedReference>>
  findOpenIntents(mappingId: number): Promise<readonly OpenIntent[]>
  /** Oldest first. */
  findInbox(mappingId: number, direction: JobDirection, limit: number): Promise<readonly InboxRow[]>
  /** The longest due first; `asked`: of these only. */
  findDueIssues(
    mappingId: number,
    direction: JobDirection,
    limit: number,
    asked?: AskedIssues | null,
  ): Promise<readonly Issue[]>
  /** The open issues of these source keys, of both directions. */
  findIssues(
    mappingId: number,
    keys: Readonly<Record<JobDirection, readonly RecordKey[]>>,
  ): Promise<readonly KnownIssue[]>
  /**
   * Makes issues due that were met under another mapping version or configuration, at most `limit` of them, spread over
   * the time between the two delays; returns how many. Rows that somebody else holds are passed over.
   */
  releaseOutdated(
    mappingId: number,
    now: Pick<Circumstances, 'mappingVersion' | 'configuration'>,
    spread: { readonly limit: number; readonly fromMs: number; readonly toMs: number },
  ): Promise<number>
  /** What people have decided about conflicts of these records and no attempt has applied yet. */
  findResolutions(
    mappingId: number,
    direction: JobDirection,
    keys: readonly RecordKey[],
  ): Promise<ReadonlyMap<RecordKey, ConflictResolution>>
  /** True when inbox rows, due issues or intents past their deadline wait for this mapping. */
  hasDueWork(mappingId: number): Promise<boolean>

  /** Writes down what is about to be written outside. Fenced: throws LEASE_LOST. The deadline is `serverRunMs` after the end of the lease. */
  openIntent(
    fence: Fence,
    intent: {
      mappingId: number
      direction: JobDirection
      jobId: number
      writes: readonly IntendedWrite[]
      serverRunMs: number
      searchFrom?: string | null
    },
  ): Promise<number>
  /** Leaves only these writes in an intent: of the others nothing can arrive any more. Fenced: throws LEASE_LOST. */
  narrowIntent(fence: Fence, intentId: number, writes: readonly IntendedWrite[]): Promise<void>
  /** Applies the page. Fenced: throws LEASE_LOST and changes nothing. */
  commitPage(fence: Fence, commit: PageCommit): Promise<void>
}
