import { type BackoffPolicy, backoffMs } from '../../lib/backoff.ts'
import type { Issue, IssueKind, Trouble } from './issue.ts'

/** Version of a record that was looked for and is not there; no system gives it to a record. */
export const ABSENT = ''

/** What an attempt has looked at: while all of it is the same, another attempt ends the same way. */
export interface Circumstances {
  /** Null: not looked at, which never proves a change. */
  readonly sourceVersion: string | null
  /** Likewise; of an uncoupled record, the versions of the candidates found for it. */
  readonly partnerVersion: string | null
  readonly mappingVersion: number
  /** Fingerprint of both connections and of the mapped fields as both systems declare them. */
  readonly configuration: string
}

/** What the ledger remembers of the trouble of one record, as the page pipeline needs it. */
export type KnownIssue = Circumstances &
  Pick<Issue, 'direction' | 'key' | 'kind' | 'code' | 'field' | 'repeats' | 'createMissing'>

export interface LedgerPolicy {
  /** Attempts that end alike before a record is set aside. */
  readonly skipAfter: number
  /** Pauses after transient failures. */
  readonly transient: BackoffPolicy
  /** Pauses between the attempts before a record with a permanent failure is set aside. */
  readonly permanent: BackoffPolicy
}

export const ledgerBackoff: Omit<LedgerPolicy, 'skipAfter'> = {
  transient: { firstMs: 15_000, maxMs: 3_600_000 },
  permanent: { firstMs: 60_000, maxMs: 3_600_000 },
}

/** True when either record, the mapping or the configuration is known to differ. */
export function hasChanged(before: Circumstances, now: Circumstances): boolean {
  return (
    before.mappingVersion !== now.mappingVersion ||
    before.configuration !== now.configuration ||
    isOtherVersion(before.sourceVersion, now.sourceVersion) ||
    isOtherVersion(before.partnerVersion, now.partnerVersion)
  )
}

/** Null on either side was not looked at. */
export function isOtherVersion(before: string | null, now: string | null): boolean {
  return before !== null && now !== null && before !== now
}

export interface LedgerEntry {
  readonly kind: IssueKind
  /** False: the record was only read once more, unchanged; the issue keeps its attempts and its next one. */
  readonly isAttempt: boolean
  /** Attempts in a row that ended alike, under the same circumstances. */
  readonly repeats: number
  /** Delay in ms before the next attempt, or null: only a release makes it due. */
  readonly retryInMs: number | null
}

export interface TroubleFacts {
  readonly known: KnownIssue | null
  readonly now: Circumstances
  /** The record is due, or was asked for, or everything is compared: reading it is an attempt even if nothing has changed. */
  readonly isAsked: boolean
}

/**
 * What the ledger makes of a failed attempt (domain.md §11.4): transient failures come back later and later, permanent ones
 * are set aside when they have ended alike, by code and field, `skipAfter` times. Pure; `random` is in [0, 1).
 */
export function judgeTrouble(
  trouble: Pick<Trouble, 'kind' | 'code' | 'errorKind' | 'field' | 'retryInMs'>,
  { known, now, isAsked }: TroubleFacts,
  policy: LedgerPolicy,
  random: number,
): LedgerEntry {
  const isSame = known !== null && isAlike(known, trouble) && !hasChanged(known, now)
  if (isSame && !isAsked)
    return { kind: known.kind, isAttempt: false, repeats: known.repeats, retryInMs: null }
  const repeats = isSame ? known.repeats + 1 : 1
  const { kind, errorKind, retryInMs } = trouble
  if (kind !== 'failed') return { kind, isAttempt: true, repeats, retryInMs }
  const isTransient = errorKind === 'transient'
  if (!isTransient && repeats >= policy.skipAfter)
    return { kind: 'skipped', isAttempt: true, repeats, retryInMs: null }
  const pauseMs = backoffMs(repeats, isTransient ? policy.transient : policy.permanent, random)
  return { kind, isAttempt: true, repeats, retryInMs: Math.max(pauseMs, retryInMs ?? 0) }
}

/** Errors are equal by code and field; texts hold times and numbers (domain.md §11.1, 4). */
function isAlike(known: KnownIssue, trouble: Pick<Trouble, 'code' | 'field'>): boolean {
  return known.code === trouble.code && known.field === trouble.field
}

/**
 * True while a record that was set aside stays so: nothing that the last attempt has looked at is known to have changed. One
 * that goes back and forth changes by itself, so that a change is no reason to try it again.
 */
export function isSetAside(known: KnownIssue, now: Circumstances): boolean {
  return known.kind === 'skipped' && (known.code === 'PING_PONG' || !hasChanged(known, now))
}
