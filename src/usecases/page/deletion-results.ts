import { uncoupling } from '../../core/coupling/uncoupling.ts'
import { type Problem, problem } from '../../core/errors.ts'
import { destinationSide, type JobDirection, sourceSide } from '../../core/mapping/definition.ts'
import type { FieldChange } from '../../core/sync/outcome.ts'
import type { LineSession } from '../line/session.ts'
import { withRecord } from './decide.ts'
import type { DeletionCase } from './deletion-facts.ts'
import type { PageFrame, RecordResult } from './page.ts'
import { quietResult, troubledResult } from './results.ts'

const opposite = { to: 'from', from: 'to' } as const satisfies Record<JobDirection, JobDirection>

export interface Ended {
  readonly kind: 'deleted' | 'uncoupled'
  /** What was written into the record that is left over, or what it held when it was deleted. */
  readonly changes: readonly FieldChange[]
  readonly recovered: boolean
  /** False: both records were gone already, and there is nothing left that could be coupled or created by accident. */
  readonly isRemembered: boolean
}

/** The coupling ends: it is remembered, and nothing is wrong with its records any more, in either direction. */
export function endedResult(
  session: LineSession,
  frame: PageFrame,
  { gone, facts }: DeletionCase,
  ended: Ended,
): RecordResult {
  const { item, coupling } = gone
  const { direction } = frame
  const versionOf = (side: 'local' | 'remote') =>
    facts.survivor?.side === side ? facts.survivor.record.version : null
  return {
    item,
    kind: ended.kind,
    coupling: null,
    uncoupling: uncoupling(coupling, {
      reason: ended.kind === 'deleted' ? 'Deleted on both sides' : 'A record was deleted',
      uncoupledBy: session.run.requestedBy,
      jobId: frame.jobId,
      isRemembered: ended.isRemembered,
    }),
    outcome: {
      direction,
      kind: ended.kind,
      localKey: coupling.local.key,
      remoteKey: coupling.remote.key,
      code: null,
      errorKind: null,
      field: null,
      value: null,
      message: null,
      changes: ended.changes,
      localVersion: versionOf('local'),
      remoteVersion: versionOf('remote'),
      recovered: ended.recovered,
      warnings: [],
    },
    issues: [],
    closes: [
      { direction, key: item.key },
      { direction: opposite[direction], key: coupling[destinationSide[direction]].key },
    ],
    isReread: false,
  }
}

/**
 * Reported, and left as it is until somebody chooses, approves, or the cause goes away. The issue is the record's own, so
 * that its versions are those of its two sides, whichever is left.
 */
export function reportedResult(
  session: LineSession,
  frame: PageFrame,
  { gone, facts }: DeletionCase,
  kind: 'failed' | 'conflict' | 'waiting',
  found: Problem,
  retryInMs: number | null = null,
): RecordResult {
  const { item, coupling } = gone
  const { survivor } = facts
  const isSource = survivor?.side === sourceSide[frame.direction]
  return troubledResult({
    item,
    direction: frame.direction,
    kind,
    problem: gone.judged
      ? { ...found, message: withRecord(session, frame, gone.judged, found.message) }
      : found,
    source: survivor && isSource ? survivor.record : null,
    partnerKey: coupling[destinationSide[frame.direction]].key,
    partners: survivor && !isSource ? [survivor.record] : [],
    awaits: null,
    conflicts: [],
    retryInMs,
    mayCreate: item.mayCreate,
    leavesIssue: true,
  })
}

/**
 * The record is gone, its partner is not: that is judged from the partner, by the job that reads it. What is wrong with
 * the pair stands at the record that people can still look at.
 */
export function handedOverResult(frame: PageFrame, each: DeletionCase): RecordResult {
  const { item, coupling } = each.gone
  const { facts } = each
  const quiet = quietResult(item, 'ignored', frame.direction)
  if (each.isKnownAtPartner) return quiet
  const partnerKey = coupling[destinationSide[frame.direction]].key
  const pending = problem('DELETED_ON_ONE_SIDE', 'The record it is coupled to was deleted')
  const direction = opposite[frame.direction]
  const handed = troubledResult({
    item: { ...item, key: partnerKey, resolution: null },
    direction,
    kind: 'waiting',
    problem: pending,
    source: facts.survivor?.record ?? null,
    partnerKey: item.key,
    partners: [],
    awaits: null,
    conflicts: [],
    retryInMs: 0,
    mayCreate: item.mayCreate,
    leavesIssue: true,
  })
  return { ...quiet, issues: handed.issues }
}
