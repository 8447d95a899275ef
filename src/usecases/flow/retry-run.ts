import { SyncError } from '../../core/errors.ts'
import { runPriority } from '../../core/jobs/priority.ts'
import { jobDirections } from '../../core/mapping/definition.ts'
import type { Act } from '../../core/ports/act.ts'
import type { NewLine, RunDetails } from '../../core/ports/run-store.ts'
import { plainOptions, type Run } from '../../core/sync/run.ts'
import { groupBy } from '../../lib/group.ts'
import type { Deps } from '../deps.ts'
import { requestLine } from './plan-run.ts'
import { enqueueRun, storeAndEnqueue } from './start-run.ts'

type RetryDeps = Pick<Deps, 'stores' | 'queue' | 'log'>

/** Ids of the lines of one mapping in a run, for `retryLines`; throws MAPPING_UNKNOWN. */
export function linesOf(name: string, { run, lines }: RunDetails): readonly number[] {
  const found = lines.filter((line) => line.mappingName === name).map(({ id }) => id)
  if (found.length > 0) return found
  throw new SyncError('MAPPING_UNKNOWN', `Run ${run.id} has no line for the mapping ${name}`)
}

/**
 * Runs the failed and blocked lines of a run again, from their checkpoints; a line that is named also when it has
 * finished, then from the start. Throws NOTHING_TO_RETRY.
 */
export async function retryLines(
  runId: number,
  lineIds: readonly number[] | null,
  act: Act,
  deps: RetryDeps,
): Promise<Run> {
  const { run, lines } = await deps.stores.runs.retryLines(runId, lineIds, act)
  await enqueueRun(run, lines, deps)
  return run
}

/** Starts a run for exactly the records of a run that failed, wait, are in conflict or skipped. */
export async function retryRecords(runId: number, requestedBy: string, deps: RetryDeps): Promise<Run> {
  const records = await deps.stores.runs.listFailedRecords(runId)
  if (records.length === 0) throw new SyncError('NOTHING_TO_RETRY', `Run ${runId} has no failed records`)
  const { run: origin } = await deps.stores.runs.getRun(runId)
  const lines: NewLine[] = []
  for (const [mappingId, failed] of groupBy(records, (record) => record.mappingId)) {
    const mapping = await deps.stores.mappings.getMappingById(mappingId)
    if (!mapping.definition.enabled) continue
    const directions = jobDirections(mapping.definition.direction)
    const allowed = failed.filter((record) => directions.includes(record.direction))
    if (allowed.length === 0) continue
    lines.push(
      requestLine(
        mapping,
        lines.length + 1,
        allowed.map(({ direction, key }) => ({
          direction,
          key,
          force: true,
          createMissing: origin.options.createMissing,
        })),
      ),
    )
  }
  if (lines.length === 0)
    throw new SyncError(
      'NOTHING_TO_RETRY',
      `Run ${runId} has no failed records of enabled mappings in a direction they still have`,
    )
  const { run } = await storeAndEnqueue(
    {
      pairId: origin.pairId,
      kind: 'records',
      options: { ...plainOptions, createMissing: origin.options.createMissing, onlyAsked: true },
      requestedBy,
      reason: `Retry of the failed records of run ${runId}`,
      priority: runPriority('records'),
      idempotencyKey: null,
      payloadHash: null,
      scheduleId: null,
      slot: null,
      lines,
    },
    deps,
  )
  return run
}
