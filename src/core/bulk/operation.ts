import type { JobDirection } from '../mapping/definition.ts'
import type { FieldWish } from '../sync/choose-values.ts'
import type { DeletionChoice } from '../sync/deletion.ts'
import type { IssueFilter } from '../sync/issue.ts'
import type { RecordKey } from '../values/key.ts'

/** What is done with issues, and what with couplings (domain.md §11.3, §12.2, §12.4). */
const issueTaskKinds = ['retry', 'skip', 'unskip', 'resolve', 'resolve-deletion'] as const
export const couplingTaskKinds = ['synchronize', 'uncouple'] as const
export const bulkKinds = [...issueTaskKinds, ...couplingTaskKinds] as const
export type BulkKind = (typeof bulkKinds)[number]

/** What is done with each record of an operation. */
export type BulkTask =
  | { readonly kind: 'retry' | 'skip' | 'unskip' | 'synchronize' | 'uncouple' }
  | {
      readonly kind: 'resolve'
      readonly all: FieldWish | null
      /** By local or remote name; goes before `all`. */
      readonly fields: Readonly<Record<string, FieldWish>>
    }
  | { readonly kind: 'resolve-deletion'; readonly choice: DeletionChoice }

/** Couplings of one mapping; `startsWith`: how the local reference begins. What is left out does not matter. */
export interface CouplingFilter {
  readonly pairId: number
  readonly mapping: string
  readonly ids?: readonly number[] | undefined
  readonly startsWith?: string | undefined
}

/**
 * Which records are meant. Each id that is given becomes a record of the operation; one that there is not, or that the rest of
 * the filter leaves out, is refused.
 */
export type BulkSelection =
  | { readonly of: 'issues'; readonly filter: IssueFilter }
  | { readonly of: 'couplings'; readonly filter: CouplingFilter }

/** A selection in short: of numbers that were given, only how many they are; null: none. */
export function briefSelection({ of, filter: { ids, ...filter } }: BulkSelection) {
  return { of, filter, ids: ids?.length ?? null }
}

/**
 * waiting → running → finished; cancelled: somebody has ended it between two chunks; failed: it could not go on. What a chunk
 * has done stays done.
 */
export const bulkStates = ['waiting', 'running', 'finished', 'cancelled', 'failed'] as const
export type BulkState = (typeof bulkStates)[number]

/**
 * pending – not worked on, and never will be once the operation has ended; done; refused – what was selected is not so any
 * more, or cannot be done; failed – with the whole operation, before it was worked on.
 */
export const bulkRecordStates = ['pending', 'done', 'refused', 'failed'] as const
export type BulkRecordState = (typeof bulkRecordStates)[number]

/** `selected` is fixed at the start; what is left of it is pending. */
export interface BulkCounts {
  readonly selected: number
  readonly done: number
  readonly refused: number
  readonly failed: number
}

/** One change of many records that somebody has asked for. */
export interface BulkOperation {
  readonly id: number
  readonly task: BulkTask
  readonly selection: BulkSelection
  /** The pair and the mapping that it is limited to; null: it is not. */
  readonly pairId: number | null
  readonly mapping: string | null
  readonly state: BulkState
  readonly counts: BulkCounts
  readonly requestedBy: string
  readonly reason: string | null
  readonly idempotencyKey: string | null
  /** Runs that carry out what it has made due or asked for, one per pair; known when it has ended. */
  readonly runIds: readonly number[]
  /** Raised for each new queue job. */
  readonly generation: number
  readonly error: { readonly code: string; readonly message: string } | null
  readonly cancelledBy: string | null
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
}

/** One record of an operation, as it was selected, and what has become of it. */
export interface BulkRecord {
  /** From 1, in the order in which they are worked off. */
  readonly position: number
  /** Number of the issue or coupling. */
  readonly subjectId: number
  /** Null where there is no such issue or coupling. */
  readonly mappingName: string | null
  readonly direction: JobDirection | null
  readonly key: RecordKey | null
  readonly partnerKey: RecordKey | null
  readonly state: BulkRecordState
  readonly code: string | null
  readonly message: string | null
  readonly endedAt: string | null
}

export const bulkIsDone = (state: BulkState): boolean => state !== 'waiting' && state !== 'running'

/** Whether a run has to carry out what was done: issues that are set aside or only released wait for the next one. */
export function startsRuns({ kind }: BulkTask): boolean {
  return kind !== 'skip' && kind !== 'unskip'
}

/**
 * The idempotency key of the runs that carry out an operation, one in each pair. It has a blank, which no key of a request
 * has.
 */
export const runKeyOf = (operationId: number): string => `operation ${operationId}`

/** The operation that a run with this idempotency key carries out; null: none. */
export function operationOfKey(key: string | null): number | null {
  const id = /^operation (\d+)$/.exec(key ?? '')?.[1]
  return id === undefined ? null : Number(id)
}

/** What is removed, or may be deleted, is only changed by somebody who has seen how much it is. */
export function needsExpectation(kind: BulkKind): boolean {
  return kind === 'uncouple' || kind === 'resolve-deletion'
}

/**
 * Where a filter leaves it open, only issues that the task is for are meant. What it names all the same (numbers, another kind
 * or code) stays, and is refused record by record: nobody is told that something was not there.
 */
export function narrowSelection({ kind }: BulkTask, selection: BulkSelection): BulkSelection {
  if (selection.of === 'couplings' || selection.filter.ids != null) return selection
  const { filter } = selection
  const isOpen = filter.kind == null && filter.code == null && filter.group == null
  if (!isOpen) return selection
  if (kind === 'unskip') return { of: 'issues', filter: { ...filter, kind: 'skipped' } }
  if (kind === 'resolve')
    return { of: 'issues', filter: { ...filter, kind: 'conflict', code: 'CONFLICT_BOTH_CHANGED' } }
  if (kind === 'resolve-deletion') return { of: 'issues', filter: { ...filter, isAboutDeletion: true } }
  return selection
}
