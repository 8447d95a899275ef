import type { ErrorCode, ErrorKind } from '../errors.ts'
import type { JobDirection } from '../mapping/definition.ts'
import type { RecordKey } from '../values/key.ts'
import type { Value } from '../values/value.ts'

export const issueKinds = ['failed', 'waiting', 'conflict', 'skipped'] as const
export type IssueKind = (typeof issueKinds)[number]

/** A field both sides changed to different values. */
export interface FieldConflict {
  readonly local: { readonly field: string; readonly base: Value; readonly value: Value }
  readonly remote: { readonly field: string; readonly base: Value; readonly value: Value }
}

/**
 * What is currently wrong with one record in one direction; removed when it is solved. One per (mapping, direction, key
 * of the source record).
 */
export interface IssueWrite {
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
  /** Delay in ms before the next attempt, or null: only a release makes it due. */
  readonly retryInMs: number | null
  /** The run that opened the issue was allowed to create missing records, so the retry is allowed to as well. */
  readonly createMissing: boolean
  readonly jobId: number
}

export interface Issue extends Omit<IssueWrite, 'retryInMs'> {
  readonly id: number
  readonly mappingId: number
  readonly mappingName: string
  readonly attempts: number
  readonly firstAt: string
  readonly lastAt: string
  readonly nextAttemptAt: string | null
}

/** Names "the record of mapping M that side S calls R": what waits and what releases meet under this text. */
export function referenceName(mapping: string, side: 'local' | 'remote', reference: string): string {
  return `${mapping}/${side}/${reference}`
}
