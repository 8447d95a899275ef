import type { ErrorCode, ErrorKind } from '../errors.ts'
import type { JobDirection } from '../mapping/definition.ts'
import type { RecordKey } from '../values/key.ts'
import type { Value } from '../values/value.ts'
import type { DeletionResolution } from './deletion.ts'

export const issueKinds = ['failed', 'waiting', 'conflict', 'skipped'] as const
export type IssueKind = (typeof issueKinds)[number]

/** One side of a conflict. */
export interface ConflictSide {
  readonly field: string
  /** Null also where the two sides have never agreed. */
  readonly base: Value
  readonly value: Value
  /** When the record was changed last, as its own system says; null where it does not. */
  readonly modifiedAt: string | null
}

/** A field both sides changed to different values. */
export interface FieldConflict {
  readonly local: ConflictSide
  readonly remote: ConflictSide
}

/** What a person has decided about one field. It holds only while both sides still have the values it was made for. */
export interface FieldChoice {
  readonly local: { readonly field: string; readonly seen: Value }
  readonly remote: { readonly field: string; readonly seen: Value }
  readonly take: 'local' | 'remote' | 'value'
  /** The value to take, as the local field holds it; null unless `take` is `value`. */
  readonly value: Value
}

/** A decision about every conflicting field of a record, applied by the next page that looks at it. */
export interface ConflictResolution {
  readonly kind: 'conflict'
  /** Tells this decision from a later one. */
  readonly id: string
  readonly decidedBy: string
  readonly choices: readonly FieldChoice[]
}

/** What a person has decided about an issue, applied by the next page that looks at the record. */
export type Resolution = ConflictResolution | DeletionResolution

/** The decision about a conflict that an issue holds, or null. */
export function conflictResolution(resolution: Resolution | null): ConflictResolution | null {
  return resolution?.kind === 'conflict' ? resolution : null
}

/** The choice about a deletion that an issue holds, or null. */
export function deletionResolution(resolution: Resolution | null): DeletionResolution | null {
  return resolution?.kind === 'deletion' ? resolution : null
}

/**
 * What is currently wrong with one record in one direction; removed when it is solved. One per (mapping, direction, key
 * of the source record).
 */
export interface Trouble {
  readonly direction: JobDirection
  readonly key: RecordKey
  readonly partnerKey: RecordKey | null
  readonly kind: IssueKind
  readonly code: ErrorCode
  readonly errorKind: ErrorKind
  readonly field: string | null
  readonly value: string | null
  readonly message: string
  /** The coupling this record waits for, as `referenceName` writes it; its commit makes the issue due. */
  readonly waitsFor: string | null
  readonly conflicts: readonly FieldConflict[]
  /** Shortest delay in ms before the next attempt, where the cause says so; null: the ledger decides. */
  readonly retryInMs: number | null
  /** The run that opened the issue was allowed to create missing records, so the retry is allowed to as well. */
  readonly createMissing: boolean
  /** The decision about a conflict that this attempt has had; met by a conflict all the same, it is over. */
  readonly answers: string | null
  /** The choice about a deletion that this attempt has had and has not carried out; it stays until it is. */
  readonly chosen: DeletionResolution | null
  /** Versions the attempt has looked at (ledger.ts, `Circumstances`). */
  readonly sourceVersion: string | null
  readonly partnerVersion: string | null
}

/** A trouble with what the ledger makes of it. */
export interface IssueWrite extends Trouble {
  readonly mappingVersion: number
  readonly configuration: string
  /** False: attempts and next attempt stay as they are. */
  readonly isAttempt: boolean
  /** Attempts in a row that ended alike, by code and field. */
  readonly repeats: number
  readonly jobId: number
}

export interface Issue extends Omit<IssueWrite, 'retryInMs' | 'isAttempt' | 'answers' | 'chosen'> {
  readonly id: number
  readonly pairId: number
  readonly mappingId: number
  readonly mappingName: string
  readonly attempts: number
  readonly firstAt: string
  readonly lastAt: string
  readonly nextAttemptAt: string | null
  /** Decided, and not applied yet. */
  readonly resolution: Resolution | null
  /** Who has set it aside, and why; null: nobody has, or the rule of the ledger did. */
  readonly parkedBy: string | null
  readonly parkedReason: string | null
}

/** Issues that one cause has: of one mapping, with one code, about one field or none. */
export interface IssueGroup {
  readonly mappingId: number
  readonly code: string
  readonly field: string | null
}

/** A group as one text, to be typed: `7/VALUE_TRUNCATED/city`. */
export function groupName({ mappingId, code, field }: IssueGroup): string {
  return `${mappingId}/${code}/${field ?? ''}`
}

/** The group that is named so, or null. */
export function findGroup(name: string): IssueGroup | null {
  const match = /^(\d{1,15})\/([A-Z_]+)\/(.*)$/.exec(name)
  if (match === null) return null
  const [, mappingId, code = '', field = ''] = match
  return { mappingId: Number(mappingId), code, field: field === '' ? null : field }
}

/** Which issues are meant; what is left out or null does not matter. Times are ISO instants. */
export interface IssueFilter {
  readonly ids?: readonly number[] | null | undefined
  readonly pairId?: number | null | undefined
  readonly mapping?: string | null | undefined
  readonly kind?: IssueKind | null | undefined
  readonly code?: string | null | undefined
  readonly field?: string | null | undefined
  readonly group?: IssueGroup | null | undefined
  /** Nothing tries them again by itself: set aside, or failed without a next attempt. */
  readonly isStopped?: boolean | null | undefined
  /** They are about a coupling that has lost a record. */
  readonly isAboutDeletion?: boolean | null | undefined
  /** Conflicts of the same mapping in the same fields as this issue, which is not among them. */
  readonly alikeTo?: number | null | undefined
  /** Met last at this time or later. */
  readonly since?: string | null | undefined
  /** Met last before this time. */
  readonly until?: string | null | undefined
}

/** Names "the record of mapping M that side S calls R": what waits and what releases meet under this text. */
export function referenceName(mapping: string, side: 'local' | 'remote', reference: string): string {
  return `${mapping}/${side}/${reference}`
}
