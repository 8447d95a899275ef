import { toSyncError } from '../../core/errors.ts'
import type { Deps } from '../deps.ts'

const BATCH = 200

/** Operations that no live queue job stands for are enqueued again, each under a new generation; how many. */
export async function sweepOperations({
  stores,
  queue,
  log,
}: Pick<Deps, 'stores' | 'queue' | 'log'>): Promise<number> {
  let enqueued = 0
  for (const operation of await stores.bulk.listUnfinished(BATCH)) {
    try {
      if ((await queue.operationState(operation)) === 'live') continue
      const generation = await stores.bulk.raiseGeneration(operation.id)
      await queue.addOperation({ ...operation, generation })
      enqueued += 1
    } catch (error) {
      const message = 'The operation could not be swept; the next sweep tries again'
      log.warn({ err: toSyncError(error), operation: operation.id }, message)
    }
  }
  return enqueued
}
