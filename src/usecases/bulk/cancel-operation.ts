import type { BulkOperation } from '../../core/bulk/operation.ts'
import type { Act } from '../../core/ports/act.ts'
import type { Deps } from '../deps.ts'
import { startRuns } from './start-runs.ts'

/**
 * Ends an operation between two chunks. What was done stays done, and is carried out: should the process die before the run
 * is stored, the sweeper starts one for the same records. Throws OPERATION_UNKNOWN, OPERATION_ENDED.
 */
export async function cancelOperation(
  id: number,
  act: Act,
  deps: Pick<Deps, 'stores' | 'queue' | 'log'>,
): Promise<BulkOperation> {
  const operation = await deps.stores.bulk.cancel(id, act)
  const runIds = await startRuns(operation, deps)
  await deps.stores.bulk.noteRuns(id, runIds)
  return { ...operation, runIds }
}
