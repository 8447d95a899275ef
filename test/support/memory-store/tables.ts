import type { BreakerState } from '../../../src/core/control/breaker.ts'
import type { Pause } from '../../../src/core/control/pause.ts'
import type { Coupling, CouplingBases } from '../../../src/core/coupling/coupling.ts'
import type { UncoupledPair } from '../../../src/core/coupling/uncoupling.ts'
import type { JobDirection, MappingDefinition, Side } from '../../../src/core/mapping/definition.ts'
import type { KnownSchema } from '../../../src/core/mapping/schema-drift.ts'
import type {
  ConnectionRecord,
  MappingVersion,
  StoredMapping,
} from '../../../src/core/ports/mapping-store.ts'
import type { EndQuestion, StoredOutcome } from '../../../src/core/ports/operations-store.ts'
import type { PlannedCoupling, PlannedRecord } from '../../../src/core/ports/preview-store.ts'
import type { CalendarEntry } from '../../../src/core/ports/schedule-store.ts'
import type { InboxRow, InboxTask, OpenIntent } from '../../../src/core/ports/sync-store.ts'
import type { Schedule } from '../../../src/core/schedules/schedule.ts'
import type { Issue } from '../../../src/core/sync/issue.ts'
import type { PreviewCosts, PreviewFinding } from '../../../src/core/sync/preview.ts'
import type { Job, Line, Run } from '../../../src/core/sync/run.ts'
import type { RecordKey } from '../../../src/core/values/key.ts'
import { present } from '../../../src/lib/assert.ts'
import { Rows, Transactions } from './database.ts'

export interface PairRow {
  readonly id: number
  readonly name: string
  readonly localConnectionId: number
  readonly localCompany: string
  readonly remoteConnectionId: number
  readonly remoteCompany: string
}

export interface MappingRow extends Omit<StoredMapping, 'definition'> {
  readonly name: string
  readonly localGroup: string
  readonly remoteGroup: string
  /** The definitions of all versions, the first one first. */
  readonly versions: readonly MappingDefinition[]
  /** Who made them. */
  readonly authors: readonly Omit<MappingVersion, 'version'>[]
  readonly knownSchemas?: Readonly<Record<Side, KnownSchema>>
}

export interface CouplingRow extends Coupling {
  readonly localGroup: string
  readonly remoteGroup: string
  readonly bases: CouplingBases
  readonly createdAt: string
}

interface IntentRow extends Omit<OpenIntent, 'isPast'> {
  readonly mappingId: number
  readonly token: string
  readonly deadlineAt: string
}

interface LeaseRow {
  readonly id: number
  readonly resource: string
  readonly token: string
  readonly holder: string
  readonly expiresAt: string
}

export type RunRow = Run & {
  readonly payloadHash: string | null
  readonly callbackUrl?: string | null
}
interface JoinedRow {
  readonly id: number
  readonly pairId: number
  readonly idempotencyKey: string
  readonly payloadHash: string
  readonly runId: number
}
export type LineRow = Omit<Line, 'mappingName'>
export type JobRow = Omit<Job, 'mappingName' | 'preview'> & { readonly createdAt: string }
export type IssueRow = Omit<Issue, 'mappingName'> & { readonly pairId: number }
type WaitingRow = Omit<InboxRow, 'seq'> & {
  readonly seq: number
  readonly mappingId: number
  readonly isWantedAnyway: boolean
}
export type OutcomeRow = Omit<StoredOutcome, 'runId' | 'mappingName'> & { readonly mappingId: number }

/** Where the search for deleted records stands on one side. */
interface LookRow {
  readonly id: number
  readonly mappingId: number
  readonly side: Side
  readonly mark: string | null
  readonly comparedAt: string | null
  readonly access: string | null
}

interface SuspectRow {
  readonly id: number
  readonly mappingId: number
  readonly direction: JobDirection
  readonly couplingId: number
}

export type UncoupledRow = UncoupledPair & { readonly id: number; readonly mappingId: number }

/** A coupling as a preview would leave it, with the records that would have been written. */
export interface PlannedRow {
  readonly id: number
  readonly runId: number
  readonly mappingId: number
  readonly couplingId: number
  readonly coupling: Omit<PlannedCoupling, 'id' | 'direction' | 'jobId' | 'written'>
  readonly records: Readonly<Record<Side, PlannedRecord | null>>
}

/** A record that a preview has still to look at; without jobs: because its issue is due. */
export interface PreviewRequestRow {
  readonly id: number
  readonly runId: number
  readonly mappingId: number
  readonly direction: JobDirection
  readonly key: RecordKey
  readonly jobIds: readonly number[] | null
  readonly force: boolean
  readonly createMissing: boolean
  readonly task?: InboxTask | null | undefined
}

interface PreviewSuspectRow extends SuspectRow {
  readonly runId: number
}

/** Everything a store keeps, in plain objects. */
export class Tables extends Transactions {
  readonly connections = this.#rows<ConnectionRecord>()
  readonly pairs = this.#rows<PairRow>()
  readonly mappings = this.#rows<MappingRow>()
  readonly leases = this.#rows<LeaseRow>()
  readonly runs = this.#rows<RunRow>()
  readonly lines = this.#rows<LineRow>()
  readonly jobs = this.#rows<JobRow>()
  readonly couplings = this.#rows<CouplingRow>()
  readonly issues = this.#rows<IssueRow>()
  readonly inbox = this.#rows<WaitingRow>()
  readonly intents = this.#rows<IntentRow>()
  readonly uncoupled = this.#rows<UncoupledRow>()
  readonly joinedRequests = this.#rows<JoinedRow>()
  readonly looks = this.#rows<LookRow>()
  readonly suspects = this.#rows<SuspectRow>()
  readonly seenCouplings = this.#rows<{
    readonly id: number
    readonly mappingId: number
    readonly couplingId: number
  }>()
  readonly stagedKeys = this.#rows<{
    readonly id: number
    readonly mappingId: number
    readonly key: string
  }>()
  readonly outcomes = this.#rows<OutcomeRow>()
  readonly schedules = this.#rows<Omit<Schedule, 'blackouts'>>()
  readonly calendar = this.#rows<CalendarEntry>()
  readonly pauses = this.#rows<Omit<Pause, 'name'>>()
  readonly breakers = new Map<number, BreakerState>()
  readonly questions = this.#rows<EndQuestion>()
  readonly planned = this.#rows<PlannedRow>()
  readonly previewRequests = this.#rows<PreviewRequestRow>()
  readonly previewSuspects = this.#rows<PreviewSuspectRow>()
  readonly findings = this.#rows<PreviewFinding & { readonly id: number }>()
  readonly previewCosts = this.#rows<PreviewCosts & { readonly id: number; readonly jobId: number }>()
  #lastNumber = 0

  /** Number of a sequence that no rollback takes back: lease tokens, orders of requests. */
  nextNumber(): number {
    this.#lastNumber += 1
    return this.#lastNumber
  }

  mappingName(mappingId: number): string {
    return present(this.mappings.byId(mappingId), `mapping ${mappingId}`).name
  }

  runOfJob(jobId: number): number | undefined {
    return this.jobs.byId(jobId)?.runId
  }

  #rows<Row extends { readonly id: number }>(): Rows<Row> {
    return new Rows<Row>(this.remember)
  }
}
