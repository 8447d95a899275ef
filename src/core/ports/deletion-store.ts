import type { JobDirection, Side } from '../mapping/definition.ts'
import type { DeletionResolution, DeletionSet } from '../sync/deletion.ts'
import type { RecordKey } from '../values/key.ts'
import type { Fence } from './lease-store.ts'

/** What earlier looks for deletions on one side of a mapping have left behind. */
export interface DeletionLook {
  /** Tombstones before it are worked off; null: none yet. */
  readonly mark: string | null
  /** Age of the last complete comparison of the keys, or null. */
  readonly comparedMsAgo: number | null
  /** What the connection could see of the side at the last comparison that counted; null: none yet. */
  readonly access: string | null
}

/** A coupling of which a record seems to have gone. */
export interface DeletionSuspect {
  readonly couplingId: number
  readonly keys: Readonly<Record<Side, RecordKey>>
}

/** Suspects wait for any job of this direction of the mapping. */
export interface Search {
  readonly mappingId: number
  readonly direction: JobDirection
}

/** What an open issue says about the deletion of a record's partner. */
export interface KnownDeletion {
  /** The job whose set the brake holds it with: only an answer, or another look at the whole set, moves it. Or null. */
  readonly heldBy: number | null
  readonly resolution: DeletionResolution | null
}

/** Deletions that the brake holds, by run and mapping. */
export interface HeldDeletions {
  readonly mappingId: number
  readonly mappingName: string
  readonly records: number
}

/** What the search for deleted records keeps (architecture.md §4.6). A constant number of statements per page. */
export interface DeletionStore {
  getLook(mappingId: number, side: Side): Promise<DeletionLook>
  /** Clears what earlier comparisons and passes of the mapping have noted; gives the time from which on couplings are too young. */
  beginComparison(fence: Fence, mappingId: number): Promise<string>
  /** Notes keys that exist. The same page may be staged again. */
  stageKeys(fence: Fence, mappingId: number, keys: readonly RecordKey[]): Promise<void>
  /** How many keys are staged: fewer than were noted after the server has crashed. */
  countStaged(mappingId: number): Promise<number>
  /**
   * Ends a comparison: couplings older than `startedAt` whose key of that side is not staged become suspects of the
   * direction; issues of records that are neither staged nor coupled become due, so that their end is noticed.
   */
  endComparison(
    fence: Fence,
    comparison: {
      mappingId: number
      direction: JobDirection
      side: Side
      startedAt: string
      mark: string | null
    },
  ): Promise<void>
  /**
   * Ends a comparison by what a full compare has met: couplings older than `startedAt` that no page has noted as seen become
   * suspects of the direction. Issues of records that are not coupled are treated like those of `endComparison`; the keys
   * of `listUncoupled` that exist are staged before.
   */
  endPass(
    fence: Fence,
    pass: {
      mappingId: number
      direction: JobDirection
      side: Side
      startedAt: string
      mark: string | null
    },
  ): Promise<void>
  /** What was noted as seen is not needed any more. */
  forgetSeen(fence: Fence, mappingId: number): Promise<void>
  /** Keys of uncoupled records of that side with an issue from before, in the order of the issues' ids; `after` is such an id. */
  listUncoupled(
    mappingId: number,
    side: Side,
    page: { readonly before: string; readonly after: number; readonly limit: number },
  ): Promise<readonly { readonly issueId: number; readonly key: RecordKey }[]>
  /** Forgets what was staged: the comparison does not count. */
  dropComparison(fence: Fence, mappingId: number): Promise<void>
  /** What later looks at the side are compared with. */
  saveAccess(fence: Fence, seen: { mappingId: number; side: Side; access: string }): Promise<void>
  /** The same for keys that tombstones name; moves the mark. */
  addDeleted(
    fence: Fence,
    found: {
      mappingId: number
      direction: JobDirection
      side: Side
      keys: readonly RecordKey[]
      mark: string
    },
  ): Promise<void>
  /** In the order of their couplings; `after` is a coupling id. */
  listSuspects(search: Search, after: number, limit: number): Promise<readonly DeletionSuspect[]>
  /** Takes back suspicions that a look at the records has not confirmed. */
  dropSuspects(fence: Fence, couplingIds: readonly number[]): Promise<void>
  /** How many suspects there are about which nobody has chosen yet, of how many couplings of the mapping. */
  countSet(search: Search): Promise<DeletionSet>
  countCouplings(mappingId: number): Promise<number>
  /** False: every coupling of the mapping was made after this instant. */
  hasCouplingsBefore(mappingId: number, instant: string): Promise<boolean>
  /** By key of the record the issue is about; only issues that are about a deletion. */
  findKnown(
    mappingId: number,
    direction: JobDirection,
    keys: readonly RecordKey[],
  ): Promise<ReadonlyMap<RecordKey, KnownDeletion>>
  listHeld(runId: number, mappingId: number | null): Promise<readonly HeldDeletions[]>
  /**
   * The held deletions of a run get their answer, if they are as many as expected, with an entry in the audit log; otherwise
   * throws NOTHING_HELD.
   */
  answerHeld(
    held: { runId: number; mappingId: number; expected: number },
    choice: DeletionResolution['choice'],
    by: string,
  ): Promise<void>
  /**
   * Stores a person's choice with an open issue about a deletion and makes it due, with an entry in the audit log; null when
   * there is no such issue.
   */
  resolve(
    issueId: number,
    choice: DeletionResolution['choice'],
    by: string,
  ): Promise<{ readonly mappingId: number; readonly pairId: number } | null>
}
