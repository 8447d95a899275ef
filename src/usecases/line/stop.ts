import { SyncError } from '../../core/errors.ts'
import type { LineSession } from './session.ts'

/**
 * Between two pages, where nothing is half done: throws when the worker shuts down or has lost its lease, and
 * RUN_CANCELLED when somebody has cancelled the run.
 */
export async function assertMayGoOn({ signal, deps, run }: LineSession): Promise<void> {
  signal.throwIfAborted()
  if (await deps.stores.runs.isCancelled(run.id))
    throw new SyncError('RUN_CANCELLED', `Run ${run.id} was cancelled`)
}
