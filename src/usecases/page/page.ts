import type { Coupling, CouplingWrite } from '../../core/coupling/coupling.ts'
import type { Uncoupling } from '../../core/coupling/uncoupling.ts'
import type { JobDirection } from '../../core/mapping/definition.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { PageCommit } from '../../core/ports/sync-store.ts'
import type { RecordFacts } from '../../core/sync/facts.ts'
import type { ConflictResolution, Trouble } from '../../core/sync/issue.ts'
import type { CounterName, Outcome } from '../../core/sync/outcome.ts'
import type { BrakeVerdict } from '../../core/sync/run.ts'
import type { RecordKey } from '../../core/values/key.ts'

/** One record to be judged, and why. */
export interface PageItem {
  readonly key: RecordKey
  /** Null: the record was asked for by key and does not exist. */
  readonly snapshot: RecordSnapshot | null
  /** Jobs whose counters and ledger get the outcome; usually one. */
  readonly jobIds: readonly number[]
  /** Named by a person or a service, so that "not in the filter" is an answer and not silence. */
  readonly isRequested: boolean
  /** No short way: both sides are read and compared. */
  readonly isForced: boolean
  /** The creation was allowed when the record was first tried, so a retry may create it. */
  readonly mayCreate: boolean
  /** A person's decision about the record's conflict. */
  readonly resolution: ConflictResolution | null
  /** A person has asked for it, although it may have been set aside. */
  readonly isReleased: boolean
  /** A person sends it across: its values win where both sides have changed a field. */
  readonly sourceWins: boolean
}

/** How records are looked at. */
export interface LookFrame {
  readonly direction: JobDirection
  /** Number of the page in its job, for probes and logs. */
  readonly number: number
  /** The partner of every coupled record is read, so that drift is seen. */
  readonly isFullCompare: boolean
}

/** What a page brings besides its records. */
export interface PageFrame extends LookFrame {
  readonly jobId: number
  /** A later job of the line reads what this page writes: what the destination makes of it is brought back then. */
  readonly isSeenAgain: boolean
  /** No later page has one of these records: the next may begin while this one is being committed. */
  readonly isCommittedBehind: boolean
  /** The pass notes the couplings of which both records are there: what it does not meet may have been deleted. */
  readonly notesSeen: boolean
  /**
   * When a coupled record whose partner is gone is judged: when the pass is complete and the whole set is known, now by
   * itself, or now as part of a set the brake has answered for.
   */
  readonly deletions: 'later' | 'now' | BrakeVerdict
  readonly commit: Pick<
    PageCommit,
    | 'settledDeletions'
    | 'checkpoint'
    | 'watermark'
    | 'scannedGeneration'
    | 'closeIntents'
    | 'keepForLastLook'
    | 'doneInbox'
    | 'uncouplings'
    | 'requests'
  >
}

/** A record that no short way has settled. */
export interface OpenRecord {
  readonly item: PageItem
  readonly source: RecordSnapshot
  readonly coupling: Coupling | null
}

/** A record with everything known about it. */
export interface JudgedRecord {
  readonly item: PageItem
  readonly facts: RecordFacts
}

/** A coupled record that has lost its partner, or is gone itself. */
export interface GoneRecord {
  readonly item: PageItem
  readonly coupling: Coupling
  /** What is known of a record that has lost its partner; null: it is gone itself. */
  readonly judged: JudgedRecord | null
}

/** What became of one record: the commit of the page is the sum of these. */
export interface RecordResult {
  readonly item: PageItem
  readonly kind: CounterName
  readonly coupling: CouplingWrite | null
  /** The coupling that ends, because a record of it was deleted. */
  readonly uncoupling?: Uncoupling
  /** The job whose set of held deletions the issue stays with; left out: the job that met it. */
  readonly heldBy?: number
  /** Null for what has no row in the ledger: unchanged, ignored, notCoupled. */
  readonly outcome: Omit<Outcome, 'jobId'> | null
  readonly issues: readonly Trouble[]
  readonly closes: readonly { readonly direction: JobDirection; readonly key: RecordKey }[]
  /** Known by its version or fingerprint before anything else was read. */
  readonly isReread: boolean
}

export const emptyFrameCommit: PageFrame['commit'] = {
  checkpoint: null,
  watermark: null,
  scannedGeneration: null,
  closeIntents: [],
  keepForLastLook: [],
  doneInbox: [],
  uncouplings: [],
  requests: [],
  settledDeletions: [],
}
