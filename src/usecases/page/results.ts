import type { Coupling, CouplingWrite } from '../../core/coupling/coupling.ts'
import type { Problem } from '../../core/errors.ts'
import { destinationSide, type JobDirection, sourceSide } from '../../core/mapping/definition.ts'
import type { AwaitedReference } from '../../core/mapping/transfer.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { FieldConflict, Trouble } from '../../core/sync/issue.ts'
import { referenceName } from '../../core/sync/issue.ts'
import { ABSENT } from '../../core/sync/ledger.ts'
import type { FieldChange, OutcomeKind } from '../../core/sync/outcome.ts'
import type { FieldWarning } from '../../core/sync/warning.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { displayValue, rawOf, type Values } from '../../core/values/value.ts'
import type { PageItem, RecordResult } from './page.ts'

/** The record needs nothing, or stays set aside: only counted. */
export function quietResult(
  item: PageItem,
  kind: 'unchanged' | 'ignored' | 'notCoupled' | 'skipped',
  direction: JobDirection,
  isReread = false,
): RecordResult {
  return {
    item,
    kind,
    coupling: null,
    outcome: null,
    issues: [],
    closes: kind === 'skipped' ? [] : [{ direction, key: item.key }],
    isReread,
  }
}

export interface AgreedResult {
  readonly item: PageItem
  readonly direction: JobDirection
  readonly kind: Extract<OutcomeKind, 'inserted' | 'modified' | 'coupled' | 'unchanged'>
  readonly coupling: CouplingWrite
  /** Key of the destination's record before; another one than now where a mapped key was written. */
  readonly formerKey: RecordKey | null
  readonly changes: readonly FieldChange[]
  readonly warnings: readonly FieldWarning[]
  readonly awaits: readonly AwaitedReference[]
  readonly recovered: boolean
  readonly mayCreate: boolean
}

/** Both sides agree now: the coupling is written, and what was wrong is over, in the other direction too if it has nothing left to carry. */
export function agreedResult(agreed: AgreedResult): RecordResult {
  const { item, direction, kind, coupling } = agreed
  const opposite: JobDirection = direction === 'to' ? 'from' : 'to'
  const ownClose = { direction, key: item.key }
  const isOtherSettled = coupling[destinationSide[direction]].version !== null
  const { key } = coupling[destinationSide[direction]]
  const otherClose = { direction: opposite, key }
  // What is still wrong with a record that has got another key is found under that one.
  const isRenamed = agreed.formerKey !== null && agreed.formerKey !== key
  const formerClose = isRenamed ? [{ direction: opposite, key: agreed.formerKey }] : []
  return {
    item,
    kind,
    coupling,
    outcome:
      kind === 'unchanged'
        ? null
        : {
            direction,
            kind,
            localKey: coupling.local.key,
            remoteKey: coupling.remote.key,
            code: null,
            errorKind: null,
            field: null,
            value: null,
            message: null,
            changes: agreed.changes,
            warnings: agreed.warnings,
            localVersion: coupling.local.version,
            remoteVersion: coupling.remote.version,
            recovered: agreed.recovered,
          },
    issues: agreed.awaits.slice(0, 1).map((awaits) => awaitingIssue(agreed, awaits)),
    closes: [
      ...(agreed.awaits.length > 0 ? [] : [ownClose]),
      ...(isOtherSettled ? [otherClose] : []),
      ...formerClose,
    ],
    isReread: false,
  }
}

function awaitingIssue(agreed: AgreedResult, awaits: AwaitedReference): Trouble {
  const { direction, item, coupling } = agreed
  return {
    direction,
    key: item.key,
    partnerKey: coupling[destinationSide[direction]].key,
    kind: 'waiting',
    code: 'REFERENCE_NOT_COUPLED',
    errorKind: 'waiting',
    field: null,
    value: rawOf(awaits.reference),
    message: `${displayValue(awaits.reference)} is not coupled in mapping ${awaits.mapping} yet; it is filled in by itself when it is`,
    waitsFor: waitName(awaits, direction),
    conflicts: [],
    retryInMs: null,
    createMissing: agreed.mayCreate,
    sourceVersion: coupling[sourceSide[direction]].version,
    partnerVersion: coupling[destinationSide[direction]].version,
    answers: null,
    chosen: null,
  }
}

export interface TroubledResult {
  readonly item: PageItem
  readonly direction: JobDirection
  readonly kind: Extract<OutcomeKind, 'failed' | 'waiting' | 'conflict' | 'skipped'>
  readonly problem: Problem
  readonly source: RecordSnapshot | null
  readonly partnerKey: RecordKey | null
  /** The coupled record, or the candidates found; left out where nobody has looked. */
  readonly partners?: readonly RecordSnapshot[]
  readonly awaits: AwaitedReference | null
  readonly conflicts: readonly FieldConflict[]
  readonly retryInMs: number | null
  readonly mayCreate: boolean
  /** False for answers to a request that say nothing about the record itself (not found, not in the filter). */
  readonly leavesIssue: boolean
}

/** The record could not be brought across: one line in the ledger, and an issue until it is solved. */
export function troubledResult(troubled: TroubledResult): RecordResult {
  const { item, direction, kind, problem } = troubled
  const isTo = direction === 'to'
  const partnerVersion = troubled.partners?.length === 1 ? versionsOf(troubled.partners) : null
  return {
    item,
    kind,
    coupling: null,
    outcome: {
      direction,
      kind,
      localKey: isTo ? item.key : troubled.partnerKey,
      remoteKey: isTo ? troubled.partnerKey : item.key,
      code: problem.code,
      errorKind: problem.kind,
      field: problem.field,
      value: problem.value,
      message: problem.message,
      changes: [],
      warnings: [],
      localVersion: isTo ? (troubled.source?.version ?? null) : partnerVersion,
      remoteVersion: isTo ? partnerVersion : (troubled.source?.version ?? null),
      recovered: false,
    },
    issues: troubled.leavesIssue ? [troubleIssue(troubled)] : [],
    closes: [],
    isReread: false,
  }
}

function troubleIssue(troubled: TroubledResult): Trouble {
  const { problem, direction, item } = troubled
  return {
    direction,
    key: item.key,
    partnerKey: troubled.partnerKey,
    kind: troubled.kind,
    code: problem.code,
    errorKind: problem.kind,
    field: problem.field,
    value: problem.value,
    message: problem.message,
    waitsFor: troubled.awaits ? waitName(troubled.awaits, direction) : null,
    conflicts: troubled.conflicts,
    retryInMs: troubled.retryInMs ?? problem.retryAfterMs ?? null,
    createMissing: troubled.mayCreate,
    sourceVersion: troubled.source?.version ?? ABSENT,
    partnerVersion: troubled.partners ? versionsOf(troubled.partners) : null,
    answers: item.resolution?.id ?? null,
    chosen: null,
  }
}

/** One text for the versions of all records that might be the partner, in an order that does not depend on the answer's. */
export function versionsOf(partners: readonly RecordSnapshot[]): string {
  if (partners.length === 0) return ABSENT
  return partners
    .map(({ version }) => version)
    .sort()
    .join(' ')
}

function waitName(awaits: AwaitedReference, direction: JobDirection): string {
  return referenceName(awaits.mapping, direction === 'to' ? 'local' : 'remote', awaits.reference)
}

/** The mapped fields a write has really changed, from what the destination held before to what it holds now. */
export function fieldChanges(written: Values, before: Values | null, after: Values): readonly FieldChange[] {
  return Object.keys(written)
    .filter((field) => after[field] !== undefined)
    .map((field) => ({ field, before: before?.[field] ?? null, after: after[field] ?? null }))
    .filter((change) => before === null || change.before !== change.after)
}

/** Names under which others may have been waiting for these couplings. */
export function releasesOf(
  mapping: string,
  write: CouplingWrite,
  before: Coupling | null,
): readonly string[] {
  const names: string[] = []
  if (write.local.reference !== before?.local.reference)
    names.push(referenceName(mapping, 'local', write.local.reference))
  if (write.remote.reference !== before?.remote.reference)
    names.push(referenceName(mapping, 'remote', write.remote.reference))
  return names
}
