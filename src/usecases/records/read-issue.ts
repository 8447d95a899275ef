import { SyncError } from '../../core/errors.ts'
import type { StoredOutcome } from '../../core/ports/operations-store.ts'
import type { Issue } from '../../core/sync/issue.ts'
import type { Deps } from '../deps.ts'

/** Attempts that are shown with an issue; all of them are in the history of the record. */
const SHOWN = 50

export interface IssueDetails {
  readonly issue: Issue
  /** What has happened to the record in the direction of the issue, newest first, what went well as well. */
  readonly attempts: readonly StoredOutcome[]
}

/** One open issue with its latest attempts. Throws ISSUE_UNKNOWN. */
export async function readIssue(id: number, { stores }: Pick<Deps, 'stores'>): Promise<IssueDetails> {
  const issue = await stores.operations.findIssue(id)
  if (issue === null) throw new SyncError('ISSUE_UNKNOWN', `There is no open issue ${id}`)
  const { mappingId, direction, key } = issue
  const keys = direction === 'to' ? { localKey: key, remoteKey: null } : { localKey: null, remoteKey: key }
  const query = { mappingId, direction, ...keys, limit: SHOWN, before: null }
  return { issue, attempts: await stores.operations.listHistory(query) }
}
