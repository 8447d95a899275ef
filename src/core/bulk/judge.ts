import type { ErrorCode } from '../errors.ts'
import {
  appliesTo,
  type JobDirection,
  jobDirections,
  type MappingDefinition,
  sourceSide,
} from '../mapping/definition.ts'
import type { InboxTask } from '../ports/sync-store.ts'
import { deletionCodes } from '../sync/deletion.ts'
import type { Issue } from '../sync/issue.ts'
import type { RecordKey } from '../values/key.ts'
import type { BulkTask } from './operation.ts'

/** Why something is not done with a record; an answer to who asked, and no fault of the operation. */
export interface Refusal {
  readonly code: ErrorCode
  readonly message: string
}

/** An issue as it was when it was selected. */
export interface SeenIssue {
  readonly code: string
  readonly field: string | null
  readonly attempts: number
}

/** What decides whether a task fits an issue. */
export type IssueFacts = Pick<Issue, 'kind' | 'code'> & { readonly hasPartner: boolean }

/** Whether the task is one for this kind of issue at all; asked when it is counted, and again before it is done. */
export function refuseKind({ kind: task }: BulkTask, { kind, code, hasPartner }: IssueFacts): Refusal | null {
  if (task === 'unskip' && kind !== 'skipped')
    return { code: 'ISSUE_NOT_MEANT', message: `It is not set aside: ${kind}` }
  if (task === 'resolve' && (kind !== 'conflict' || code !== 'CONFLICT_BOTH_CHANGED'))
    return { code: 'ISSUE_NOT_MEANT', message: `It is not a conflict between fields: ${code}` }
  if (task === 'resolve-deletion' && !(hasPartner && deletionCodes.some((each) => each === code)))
    return { code: 'ISSUE_NOT_MEANT', message: `It is not about a coupling that has lost a record: ${code}` }
  return null
}

/** A decision is made for values that somebody has seen: it is not good for what another attempt has met since. */
function bindsToAttempt({ kind }: BulkTask): boolean {
  return kind === 'resolve' || kind === 'resolve-deletion'
}

/**
 * Whether an issue is still what was selected: the same trouble, by code and field, and for decisions the same attempt.
 * Null: it is.
 */
export function refuseIssue(
  task: BulkTask,
  seen: SeenIssue,
  issue: (SeenIssue & IssueFacts) | null,
): Refusal | null {
  if (issue === null) return { code: 'ISSUE_UNKNOWN', message: 'It has been solved meanwhile' }
  if (issue.code !== seen.code || issue.field !== seen.field)
    return { code: 'ISSUE_CHANGED', message: `It is another issue by now: ${issue.code}` }
  if (bindsToAttempt(task) && issue.attempts !== seen.attempts)
    return { code: 'ISSUE_CHANGED', message: 'A job has looked at the record meanwhile' }
  return refuseKind(task, issue)
}

/** What an operation asks the line of a mapping for. */
export interface CouplingRequest {
  readonly direction: JobDirection
  readonly key: RecordKey
  readonly force: boolean
  readonly createMissing: false
  readonly task: InboxTask | null
}

type Keys = Readonly<Record<'local' | 'remote', { readonly key: RecordKey }>>

/** The requests by which a coupling is removed, or its two records are brought across in each direction that transfers anything. */
export function requestsFor(
  task: BulkTask,
  coupling: Keys,
  { direction, fields }: Pick<MappingDefinition, 'direction' | 'fields'>,
  why: { readonly reason: string; readonly by: string },
): readonly CouplingRequest[] {
  const allowed = jobDirections(direction)
  const uncouples = task.kind === 'uncouple'
  const wanted = uncouples
    ? allowed.slice(0, 1)
    : allowed.filter((each) => fields.some((field) => appliesTo(field, each)))
  return wanted.map((each) => ({
    direction: each,
    key: coupling[sourceSide[each]].key,
    force: !uncouples,
    createMissing: false,
    task: uncouples ? { kind: 'uncouple', reason: why.reason, uncoupledBy: why.by } : null,
  }))
}
