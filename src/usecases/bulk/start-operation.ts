import { refuseKind } from '../../core/bulk/judge.ts'
import {
  type BulkOperation,
  type BulkSelection,
  type BulkTask,
  narrowSelection,
  needsExpectation,
} from '../../core/bulk/operation.ts'
import { SyncError, toSyncError } from '../../core/errors.ts'
import type { NewBulkOperation } from '../../core/ports/bulk-store.ts'
import type { IssueKind } from '../../core/sync/issue.ts'
import type { Deps } from '../deps.ts'

type StartDeps = Pick<Deps, 'stores' | 'queue' | 'log'>

/** What an operation would be about, by mapping and kind of issue. */
export interface OperationCount {
  readonly selected: number
  /** Of them, records that the task is not for. */
  readonly refused: number
  readonly groups: readonly {
    readonly mapping: string
    /** Null of couplings. */
    readonly kind: IssueKind | null
    readonly code: string | null
    readonly records: number
    /** Why all of them would be refused; null: they would not. */
    readonly refusal: string | null
  }[]
}

/** Counts, and writes nothing. Throws MAPPING_UNKNOWN. */
export async function countOperation(
  task: BulkTask,
  selection: BulkSelection,
  deps: Pick<Deps, 'stores'>,
): Promise<OperationCount> {
  await assertMapping(selection, deps)
  const { groups, unknown } = await deps.stores.bulk.count(narrowSelection(task, selection))
  const judged = groups.map(({ mapping, issue, records }) => ({
    mapping,
    kind: issue?.kind ?? null,
    code: issue?.code ?? null,
    records,
    refusal: issue === null ? null : (refuseKind(task, issue)?.message ?? null),
  }))
  const sum = (all: readonly { readonly records: number }[]) =>
    all.reduce((total, { records }) => total + records, 0)
  return {
    selected: sum(judged) + unknown,
    refused: sum(judged.filter(({ refusal }) => refusal !== null)) + unknown,
    groups: judged,
  }
}

/**
 * Stores an operation with the records it is about, and only then hands it to the queue: a lost queue loses nothing (P1).
 * Throws NOTHING_SELECTED, SELECTION_CHANGED, MAPPING_UNKNOWN, RUN_KEY_REUSED.
 */
export async function startOperation(
  request: NewBulkOperation,
  deps: StartDeps,
): Promise<{ readonly operation: BulkOperation; readonly created: boolean }> {
  const { task, selection, expected } = request
  if (expected === null && needsExpectation(task.kind)) {
    const message = `Say how many ${selection.of} are meant (expected), because '${task.kind}' takes something away`
    throw new SyncError('REQUEST_INVALID', message)
  }
  await assertMapping(selection, deps)
  const started = await deps.stores.bulk.start({ ...request, selection: narrowSelection(task, selection) })
  if (started.created) await enqueue(started.operation, deps)
  return started
}

/** A name that means nothing would select nothing. */
async function assertMapping({ filter }: BulkSelection, { stores }: Pick<Deps, 'stores'>): Promise<void> {
  if (filter.mapping != null && filter.pairId != null)
    await stores.mappings.getMapping(filter.pairId, filter.mapping)
}

/** A queue that cannot be reached now is no error, because the sweeper comes by. */
async function enqueue(operation: BulkOperation, { queue, log }: StartDeps): Promise<void> {
  try {
    await queue.addOperation(operation)
  } catch (error) {
    const failure = toSyncError(error)
    if (failure.kind !== 'transient') throw failure
    const message = 'The operation is stored but could not be enqueued; the sweeper will do it'
    log.warn({ err: failure, operation: operation.id }, message)
  }
}
