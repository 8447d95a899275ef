import type { IssueFacts, Refusal, SeenIssue } from '../bulk/judge.ts'
import type {
  BulkKind,
  BulkOperation,
  BulkRecord,
  BulkRecordState,
  BulkSelection,
  BulkState,
  BulkTask,
} from '../bulk/operation.ts'
import type { Issue, Resolution } from '../sync/issue.ts'
import type { RecordKey } from '../values/key.ts'
import type { Act } from './act.ts'
import type { RecordRequest } from './run-store.ts'

export interface NewBulkOperation {
  readonly task: BulkTask
  readonly selection: BulkSelection
  /** How many records whoever asks has seen; null: does not matter. */
  readonly expected: number | null
  readonly requestedBy: string
  readonly reason: string | null
  readonly idempotencyKey: string | null
  readonly payloadHash: string | null
}

/** Records that are alike in all that decides whether a task fits them. */
export interface SelectedGroup {
  readonly mappingId: number
  readonly mapping: string
  /** Null of couplings. */
  readonly issue: IssueFacts | null
  readonly records: number
}

export interface BulkCount {
  readonly groups: readonly SelectedGroup[]
  /** Numbers that were given and name nothing that is meant. */
  readonly unknown: number
}

/** A record that is to be worked on, as it was selected and as it is now; null: it is gone. */
export interface PendingRecord {
  readonly position: number
  readonly subjectId: number
  readonly mappingId: number
  readonly seen: SeenIssue | null
  readonly issue: Issue | null
  readonly coupling: PendingCoupling | null
}

export interface PendingCoupling {
  readonly local: { readonly key: RecordKey }
  readonly remote: { readonly key: RecordKey }
}

/** What is to become of one record of a chunk. */
export type BulkDecision =
  | {
      readonly verdict: 'apply'
      readonly record: PendingRecord
      /** Of a conflict; null otherwise. */
      readonly resolution: Resolution | null
      /** Of a coupling; empty otherwise. */
      readonly requests: readonly RecordRequest[]
    }
  | { readonly verdict: 'refuse'; readonly record: PendingRecord; readonly why: Refusal }

export interface ChunkReport {
  /** False: the operation has ended, and nothing was done. */
  readonly isOpen: boolean
  /** Records that are held by a page at this moment, and stay pending. */
  readonly busy: number
}

/**
 * Operations over many records. The row of an operation is locked for the length of a chunk, in which the records, what
 * has become of each, the counters and an entry of the audit log are written together: a chunk is there or it is not, no record
 * is worked on twice however many workers there are, and one that is frozen loses its transaction.
 */
export interface BulkStore {
  /** What an operation would be about. */
  count(selection: BulkSelection): Promise<BulkCount>
  /**
   * Stores the operation with all its records: exactly these are worked on. Throws NOTHING_SELECTED, SELECTION_CHANGED when
   * they are not as many as expected, and RUN_KEY_REUSED; the same idempotency key with the same payload gives the
   * operation that exists.
   */
  start(
    operation: NewBulkOperation,
  ): Promise<{ readonly operation: BulkOperation; readonly created: boolean }>
  /** The operation that a repeated request stands for, or null; throws RUN_KEY_REUSED. */
  findSame(
    request: Pick<NewBulkOperation, 'selection' | 'idempotencyKey' | 'payloadHash'>,
  ): Promise<BulkOperation | null>
  /** Throws OPERATION_UNKNOWN. */
  get(id: number): Promise<BulkOperation>
  /** Newest first. */
  list(query: {
    limit: number
    before: number | null
    pairId: number | null
    mapping: string | null
    kind: BulkKind | null
    state: BulkState | null
  }): Promise<readonly BulkOperation[]>
  /** In the order in which they are worked off, those behind the position. */
  listRecords(query: {
    id: number
    limit: number
    after: number
    state: BulkRecordState | null
  }): Promise<readonly BulkRecord[]>
  /** Waiting and running ones, oldest first. */
  listUnfinished(limit: number): Promise<readonly BulkOperation[]>
  raiseGeneration(id: number): Promise<number>
  /** Records that wait to be worked on, those behind the position. */
  listPending(id: number, page: { after: number; limit: number }): Promise<readonly PendingRecord[]>
  /** Applies what was decided, where it still holds. */
  commitChunk(id: number, decisions: readonly BulkDecision[]): Promise<ChunkReport>
  /** Mappings of the records that were done, in the order of their ids. */
  listTouchedMappings(id: number): Promise<readonly number[]>
  /** running → finished, unless a record is pending; false: one is, or it has ended. */
  finish(id: number, runIds: readonly number[]): Promise<boolean>
  /** Its pending records have failed with it, what was done stays done; of one that has ended already nothing changes. */
  fail(id: number, error: { readonly code: string; readonly message: string }): Promise<void>
  /** Ends it between two chunks. Throws OPERATION_UNKNOWN, OPERATION_ENDED. */
  cancel(id: number, act: Act): Promise<BulkOperation>
  /** Notes the runs of one that was cancelled. */
  noteRuns(id: number, runIds: readonly number[]): Promise<void>
}
