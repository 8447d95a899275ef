import { type BulkOperation, runKeyOf, startsRuns } from '../../core/bulk/operation.ts'
import { runPriority } from '../../core/jobs/priority.ts'
import { plainOptions } from '../../core/sync/run.ts'
import { groupBy } from '../../lib/group.ts'
import type { Deps } from '../deps.ts'
import { requestLine } from '../flow/plan-run.ts'
import { storeAndEnqueue } from '../flow/start-run.ts'

/**
 * The runs, one per pair, that carry out what an operation has made due or asked for; their ids. Again: the same runs.
 */
export async function startRuns(
  { id, task, requestedBy, reason }: BulkOperation,
  deps: Pick<Deps, 'stores' | 'queue' | 'log'>,
): Promise<readonly number[]> {
  if (!startsRuns(task)) return []
  const ids = await deps.stores.bulk.listTouchedMappings(id)
  const mappings = await Promise.all(ids.map((each) => deps.stores.mappings.getMappingById(each)))
  const uncouples = task.kind === 'uncouple'
  const runIds: number[] = []
  for (const [pairId, ofPair] of groupBy(mappings, (mapping) => mapping.pairId)) {
    const { run } = await storeAndEnqueue(
      {
        pairId,
        kind: uncouples ? 'uncouple' : 'records',
        options: { ...plainOptions, onlyAsked: true },
        requestedBy,
        reason: reason ?? `Operation ${id}: ${task.kind}`,
        priority: runPriority('records'),
        idempotencyKey: runKeyOf(id),
        payloadHash: runKeyOf(id),
        scheduleId: null,
        slot: null,
        lines: ofPair.map((mapping, index) =>
          requestLine(mapping, index + 1, [], uncouples ? 'uncoupling' : 'synchronization'),
        ),
      },
      deps,
    )
    runIds.push(run.id)
  }
  return runIds
}
