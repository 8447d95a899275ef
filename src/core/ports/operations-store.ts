import type { AuditEntry } from '../access/audit-entry.ts'
import type { CoupledSide, Coupling } from '../coupling/coupling.ts'
import type { JobDirection, Side } from '../mapping/definition.ts'
import type { ConflictResolution, Issue, IssueFilter, IssueGroup, IssueKind } from '../sync/issue.ts'
import type { Outcome, OutcomeKind } from '../sync/outcome.ts'
import type { RecordKey } from '../values/key.ts'
import type { TimeRange } from './time-range.ts'

/** "Keep creating new records in scheduled jobs?" after a full synchronization (domain.md §13.1). */
export interface EndQuestion {
  readonly id: number
  readonly runId: number
  readonly pairId: number
  readonly state: 'open' | 'answered' | 'expired'
  readonly answer: 'yes' | 'no' | null
  /** Mappings the run touched that are "only coupled", with their versions at its start. */
  readonly mappings: readonly {
    readonly mappingId: number
    readonly name: string
    readonly version: number
  }[]
  /** Filled by the answer: per mapping what happened. */
  readonly results: readonly {
    readonly name: string
    readonly result: 'changed' | 'kept' | 'edited-meanwhile'
  }[]
  readonly expiresAt: string
}

export interface StoredOutcome extends Outcome {
  readonly id: number
  readonly runId: number
  readonly mappingName: string
  readonly at: string
}

/** A coupling as it is shown to people. */
export interface CoupledRecords {
  readonly id: number
  readonly local: Pick<CoupledSide, 'key' | 'reference' | 'modifiedAt'>
  readonly remote: Pick<CoupledSide, 'key' | 'reference' | 'modifiedAt'>
  readonly mappingVersion: number
  readonly generation: number
  readonly createdAt: string
  /** How the last job of each direction has left it. */
  readonly lastTo: { readonly result: string | null; readonly at: string | null }
  readonly lastFrom: { readonly result: string | null; readonly at: string | null }
}

export interface IssueCount {
  readonly mappingId: number
  readonly mapping: string
  readonly kind: IssueKind
  readonly issues: number
}

/** A group with what can be said of all its issues. */
export interface CountedGroup extends IssueGroup {
  readonly mapping: string
  readonly issues: number
  /** How many of them nothing tries again by itself. */
  readonly stopped: number
  /** Of one of them. */
  readonly message: string
  readonly firstAt: string
  readonly lastAt: string
}

/** What is to be stored with a conflict, if it has not been met again since it was read. */
export interface ConflictDecision {
  readonly issueId: number
  readonly attempts: number
  readonly resolution: ConflictResolution
}

export interface OperationsStore {
  /** Newest first; `before` is an issue id for the next page. */
  listIssues(query: IssueFilter & { limit: number; before: number | null }): Promise<readonly Issue[]>
  /** How many there are, by mapping and kind, in the order of their names. */
  countIssues(filter: IssueFilter): Promise<readonly IssueCount[]>
  /** Issues by what they have in common, the largest group first. */
  listIssueGroups(filter: IssueFilter, limit: number): Promise<readonly CountedGroup[]>
  findIssue(id: number): Promise<Issue | null>
  /** Stores decisions and makes their issues due, with an entry in the audit log; returns the issues that took one. */
  resolveConflicts(
    decisions: readonly ConflictDecision[],
    audit: { readonly actor: string; readonly detail: Readonly<Record<string, unknown>> },
  ): Promise<readonly number[]>
  /** Newest first. */
  listOutcomes(
    query: TimeRange & {
      runId: number | null
      jobId: number | null
      mapping: string | null
      pairId?: number | null
      kind?: OutcomeKind | null | undefined
      code?: string | null | undefined
      limit: number
      before: number | null
    },
  ): Promise<readonly StoredOutcome[]>
  /** All that the ledger knows of one pair of records, newest first; a key that is not known is null. */
  listHistory(query: {
    mappingId: number
    /** Left out: both. */
    direction?: JobDirection
    localKey: RecordKey | null
    remoteKey: RecordKey | null
    /** Only what names both records. */
    isOfBoth?: boolean
    limit: number
    before: number | null
  }): Promise<readonly StoredOutcome[]>
  /** What waits for one record in one direction: its issue, and whether somebody has asked for it. */
  findRecordState(record: { mappingId: number; direction: JobDirection; key: RecordKey }): Promise<{
    readonly issue: Issue | null
    readonly isRequested: boolean
    /** The issue or the request allows creating the missing partner. */
    readonly mayCreate: boolean
  }>
  /** Couplings whose record of this side is called so by others, also when the record itself has gone. */
  findCouplingsByReference(
    mappingId: number,
    side: Side,
    references: readonly string[],
  ): Promise<readonly Coupling[]>
  /**
   * Couplings of one mapping in the order of their local references, for people; `after` is the `next` of the page before,
   * and `startsWith` how the local reference begins. Throws REQUEST_INVALID for an `after` that no page has given.
   */
  listCoupled(query: {
    mappingId: number
    limit: number
    after: string | null
    startsWith: string | null
  }): Promise<{ readonly couplings: readonly CoupledRecords[]; readonly next: string | null }>
  /** Opens the question of a run; older open questions of the pair expire. */
  openQuestion(
    question: Pick<EndQuestion, 'runId' | 'pairId' | 'mappings'> & { expiresInMs: number },
  ): Promise<EndQuestion>
  findQuestion(runId: number): Promise<EndQuestion | null>
  /** open → answered, once, with an entry in the audit log; throws QUESTION_NOT_OPEN otherwise. */
  answerQuestion(
    runId: number,
    answer: 'yes' | 'no',
    results: EndQuestion['results'],
    by: string,
  ): Promise<EndQuestion>
  /** Marks questions past their time as expired (= no). */
  expireQuestions(): Promise<number>
  /** For what is no transaction of the store; where there is one, the entry is written in it. */
  appendAudit(entry: AuditEntry): Promise<void>
  /** Mappings with due work (inbox, issues, intents) that no unfinished line stands for; of those that rest (ids), only inbox counts. */
  listMappingsWithOrphanedWork(query: {
    readonly limit: number
    readonly resting: readonly number[]
  }): Promise<readonly { pairId: number; mappingId: number }[]>
}
