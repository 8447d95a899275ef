import { SyncError } from '../../core/errors.ts'
import { type DeletionChoice, deletionCodes } from '../../core/sync/deletion.ts'
import type { Run } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { runDueWork } from './run-due-work.ts'

type ResolveDeps = Pick<Deps, 'stores' | 'queue' | 'log'>

/**
 * Stores what is to be done about one deleted record, and starts the run that does it through the ordinary pipeline: a
 * record that has changed since the issue was last met is not deleted, but asked about again. Throws ISSUE_UNKNOWN and
 * RESOLUTION_INVALID.
 */
export async function resolveDeletion(
  { issueId, choice, by }: { issueId: number; choice: DeletionChoice; by: string },
  deps: ResolveDeps,
): Promise<Run> {
  await assertAboutDeletion(issueId, deps)
  const resolved = await deps.stores.deletions.resolve(issueId, choice, by)
  if (resolved === null) throw unknown(issueId)
  const mapping = await deps.stores.mappings.getMappingById(resolved.mappingId)
  const asked = { pairId: resolved.pairId, by, reason: `Issue ${issueId}: ${choice}`, answers: { issueId } }
  return runDueWork([mapping], asked, deps)
}

async function assertAboutDeletion(issueId: number, { stores }: ResolveDeps): Promise<void> {
  const issue = await stores.operations.findIssue(issueId)
  if (issue === null) throw unknown(issueId)
  if (deletionCodes.some((code) => code === issue.code) && issue.partnerKey !== null) return
  const instead = issue.kind === 'conflict' ? ': it is a conflict, decided with --take or --field' : ''
  const message = `Issue ${issueId} (${issue.code}) is not about a coupling that has lost a record${instead}`
  throw new SyncError('RESOLUTION_INVALID', message)
}

function unknown(issueId: number): SyncError {
  return new SyncError('ISSUE_UNKNOWN', `There is no open issue ${issueId}`)
}
