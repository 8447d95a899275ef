import { pauseInWords } from '../../core/control/pause.ts'
import { SyncError } from '../../core/errors.ts'
import { findPause } from './gate.ts'
import type { LineSession } from './session.ts'

/**
 * Between two pages, where nothing is half done: throws when the worker shuts down or has lost its lease, RUN_CANCELLED when
 * somebody has cancelled the run, and PAUSED when the line is to wait.
 */
export async function assertMayGoOn({ signal, deps, run, line, pair }: LineSession): Promise<void> {
  signal.throwIfAborted()
  const [isCancelled, pause] = await Promise.all([
    deps.stores.runs.isCancelled(run.id),
    findPause({ run, line, pair }, deps),
  ])
  if (isCancelled) throw new SyncError('RUN_CANCELLED', `Run ${run.id} was cancelled`)
  if (pause !== null) throw new SyncError('PAUSED', pauseInWords(pause))
}
