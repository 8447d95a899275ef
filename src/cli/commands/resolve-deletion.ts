import { showRun } from '../../api/views.ts'
import { SyncError } from '../../core/errors.ts'
import type { DeletionChoice } from '../../core/sync/deletion.ts'
import { resolveDeletion } from '../../usecases/deletions/resolve-deletion.ts'
import { announce } from '../asked-run.ts'
import { exitCodes } from '../exit-codes.ts'
import { printJson } from '../output.ts'
import { waitForRun } from '../run-result.ts'
import { whoAsks, withContext } from '../session.ts'

/** `couplet resolve ISSUE --deletion CHOICE` */
export function decideDeletion(
  issueId: number | undefined,
  choice: DeletionChoice,
  options: { readonly wait?: boolean; readonly json?: boolean },
): Promise<number> {
  if (issueId === undefined)
    throw new SyncError('RESOLUTION_INVALID', '--deletion goes with the number of one issue')
  const request = { issueId, choice, by: whoAsks() }
  if (options.wait) return waitForRun(({ deps }) => resolveDeletion(request, deps), options)
  return withContext(async ({ deps }) => {
    const run = await resolveDeletion(request, deps)
    if (options.json) printJson({ run: showRun(run) })
    else announce(run)
    return exitCodes.good
  })
}
