import { randomUUID } from 'node:crypto'
import { SyncError } from '../../core/errors.ts'
import { type Chosen, type ConflictWish, withoutValues } from '../../core/sync/choose-values.ts'
import { deletionCodes } from '../../core/sync/deletion.ts'
import type { Issue } from '../../core/sync/issue.ts'
import type { Deps } from '../deps.ts'
import { chooseFor } from './choose-for.ts'
import { createValueParsers } from './parse-value.ts'

export interface ResolveRequest {
  readonly issueId: number
  readonly wish: ConflictWish
  readonly decidedBy: string
}

export interface ResolveReport {
  /** 1, or 0 when a job has met the conflict again, or solved it, while it was being decided: it is shown anew. */
  readonly decided: number
  readonly metAgain: number
}

/** Stores what was chosen for one conflict. */
type StoreChoice = () => Promise<ResolveReport>

/**
 * Stores what somebody has decided about one conflict, which makes it due. The next page that looks at the record carries
 * it out, conditional on the values it was made for. Many are decided by an operation. Throws ISSUE_UNKNOWN and
 * RESOLUTION_INVALID.
 */
export async function resolveConflict(
  request: ResolveRequest,
  deps: Pick<Deps, 'stores' | 'connect'>,
): Promise<ResolveReport> {
  return (await chooseResolution(request, deps))()
}

/** What a wish makes of one conflict, not stored yet. Throws as `resolveConflict` does. */
export async function chooseResolution(
  { issueId, wish, decidedBy }: ResolveRequest,
  deps: Pick<Deps, 'stores' | 'connect'>,
): Promise<StoreChoice> {
  const issue = await deps.stores.operations.findIssue(issueId)
  if (issue === null)
    throw new SyncError('ISSUE_UNKNOWN', `There is no open issue with the number ${issueId}`)
  if (issue.kind !== 'conflict' || issue.code !== 'CONFLICT_BOTH_CHANGED') throw notAConflict(issue)
  const chosen = await chooseFor(issue, wish, createValueParsers(deps))
  if (chosen.kind === 'unanswered') throw unanswered(issue, wish)
  if (chosen.kind === 'invalid') throw invalid(issue, chosen)
  const resolution = { kind: 'conflict', id: randomUUID(), decidedBy, choices: chosen.choices } as const
  return async () => {
    const stored = await deps.stores.operations.resolveConflicts(
      [{ issueId, attempts: issue.attempts, resolution }],
      { actor: decidedBy, detail: withoutValues(wish) },
    )
    return { decided: stored.length, metAgain: 1 - stored.length }
  }
}

function notAConflict({ id, code }: Issue): SyncError {
  const isDeletion = deletionCodes.some((each) => each === code)
  const instead = isDeletion ? ': say what is to be done with --deletion' : ''
  return new SyncError(
    'RESOLUTION_INVALID',
    `Issue ${id} (${code}) is not a conflict between fields${instead}`,
  )
}

function unanswered({ id, conflicts }: Issue, { byField }: ConflictWish): SyncError {
  const open = conflicts.map(({ local }) => local.field).filter((field) => !byField.has(field))
  const message = `Conflict ${id}: nothing is said about ${open.join(', ')}; a record is decided as a whole`
  return new SyncError('RESOLUTION_INVALID', message)
}

function invalid({ id }: Issue, { field, message }: Extract<Chosen, { kind: 'invalid' }>): SyncError {
  return new SyncError('RESOLUTION_INVALID', `Conflict ${id}, field ${field}: ${message}`)
}
