import type { ErrorCode, ErrorKind } from '../errors.ts'
import type { JobDirection } from '../mapping/definition.ts'
import type { RecordKey } from '../values/key.ts'
import type { Value } from '../values/value.ts'
import type { FieldWarning } from './warning.ts'

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
 * (uncoupled, and this run creates nothing). `unchanged`, `ignored`, `notCoupled` and those of `skipped` that were set aside
 * before have no outcome rows. `reread` counts how many of the unchanged ones were known by their version already.
 */
export const counterNames = [...outcomeKinds, 'ignored', 'notCoupled'] as const
export type CounterName = (typeof counterNames)[number]
/** Parts of other counters, told apart for people; not parts of the sum (domain.md §15.1). */
export const detailNames = [
  'reread',
  'newlySkipped',
  'failedTransient',
  'failedPermanent',
  'failedConfig',
  'duplicatesPrevented',
] as const
export type DetailName = (typeof detailNames)[number]
export type Counters = { readonly [name in CounterName | DetailName | 'read']: number }

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
  newlySkipped: 0,
  failedTransient: 0,
  failedPermanent: 0,
  failedConfig: 0,
  duplicatesPrevented: 0,
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
  readonly warnings: readonly FieldWarning[]
  readonly localVersion: string | null
  readonly remoteVersion: string | null
  /** The record had been written before a crash or a lost lease and was recognised, not written again. */
  readonly recovered: boolean
}

/** A creation that these stop would have made a second counterpart, or might have. */
const duplicateCodes: ReadonlySet<ErrorCode> = new Set([
  'POSSIBLE_DUPLICATE',
  'NO_UNIQUE_MATCH',
  'ALREADY_COUPLED',
])

/** What else is counted for an outcome, besides its kind. */
export function detailsOf(
  outcome: Pick<Outcome, 'kind' | 'code' | 'errorKind' | 'recovered'>,
): readonly DetailName[] {
  const { kind, code, errorKind, recovered } = outcome
  const details: DetailName[] = []
  if (kind === 'skipped') details.push('newlySkipped')
  if (kind === 'failed') details.push(failureDetail(errorKind))
  const isRefused = code !== null && duplicateCodes.has(code)
  if (isRefused || (kind === 'inserted' && recovered)) details.push('duplicatesPrevented')
  return details
}

function failureDetail(kind: ErrorKind | null): DetailName {
  if (kind === 'transient') return 'failedTransient'
  return kind === 'config' ? 'failedConfig' : 'failedPermanent'
}
