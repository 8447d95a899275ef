import type { ErrorCode, ErrorKind } from '../errors.ts'
import type { JobDirection } from '../mapping/definition.ts'
import type { RecordKey } from '../values/key.ts'
import type { Value } from '../values/value.ts'

/** What can happen to one record in one job (docs/glossary.md). */
export const outcomeKinds = [
  'inserted',
  'modified',
  'unchanged',
  'coupled',
  'uncoupled',
  'deleted',
  'skipped',
  'waiting',
  'conflict',
  'failed',
] as const
export type OutcomeKind = (typeof outcomeKinds)[number]

/**
 * Counters of a job. `read` is the sum of the outcome kinds plus `ignored` (left out by an ignore rule) and `notCoupled`
 * (uncoupled, and this run creates nothing). `unchanged`, `ignored` and `notCoupled` have no outcome rows.
 * `reread` counts how many of the unchanged ones were known by their version already; it is not a part of the sum.
 */
export const counterNames = [...outcomeKinds, 'ignored', 'notCoupled'] as const
export type CounterName = (typeof counterNames)[number]
export type Counters = { readonly [name in CounterName | 'read' | 'reread']: number }

export const zeroCounters: Counters = Object.freeze({
  read: 0,
  reread: 0,
  inserted: 0,
  modified: 0,
  unchanged: 0,
  coupled: 0,
  uncoupled: 0,
  deleted: 0,
  skipped: 0,
  waiting: 0,
  conflict: 0,
  failed: 0,
  ignored: 0,
  notCoupled: 0,
})

export function addCounters(a: Counters, b: Partial<Counters>): Counters {
  const sum = { ...a }
  for (const [name, value] of Object.entries(b) as [keyof Counters, number][]) sum[name] += value
  return sum
}

/** One changed field of a record that was written: the destination's value before and after. */
export interface FieldChange {
  readonly field: string
  readonly before: Value
  readonly after: Value
}

/** One row of the ledger: what happened to one record in one job. Append-only. */
export interface Outcome {
  readonly jobId: number
  readonly direction: JobDirection
  readonly kind: Exclude<OutcomeKind, 'unchanged'>
  readonly localKey: RecordKey | null
  readonly remoteKey: RecordKey | null
  readonly code: ErrorCode | null
  /** Class of the error: what is done about it next (domain.md §2.4). */
  readonly errorKind: ErrorKind | null
  readonly field: string | null
  /** The offending value, as text. */
  readonly value: string | null
  readonly message: string | null
  readonly changes: readonly FieldChange[]
  readonly localVersion: string | null
  readonly remoteVersion: string | null
  /** The record had been written before a crash or a lost lease and was recognised, not written again. */
  readonly recovered: boolean
}
