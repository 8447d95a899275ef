import { type BulkOperation, bulkIsDone } from '../../core/bulk/operation.ts'
import { SyncError, toSyncError } from '../../core/errors.ts'
import type { JobContext, Verdict } from '../../core/jobs/catalog.ts'
import { sleep } from '../../lib/sleep.ts'
import type { Deps } from '../deps.ts'
import { createDecider, type DecideChunk } from './decide-chunk.ts'
import { startRuns } from './start-runs.ts'

/** Records of one transaction. */
const CHUNK = 500
/** What a page commit holds is free in a moment. */
const BUSY_MS = 100
/** After so long an operation lets others have the worker slot. */
const SLICE_MS = 5_000

type WorkDeps = Pick<Deps, 'stores' | 'queue' | 'log' | 'connect' | 'clock' | 'probe'>

/**
 * The queue job of an operation: works it off for a while, and comes back for the rest. Any number of workers may do so at
 * once: chunk by chunk, whoever has the row of the operation works, and no record is worked on twice.
 */
export async function runOperation(
  { operationId }: { operationId: number },
  context: JobContext,
  deps: WorkDeps,
): Promise<Verdict> {
  const until = deps.clock.monotonicMs() + SLICE_MS
  try {
    const isOver = await workOperation(
      operationId,
      context.signal,
      deps,
      () => deps.clock.monotonicMs() < until,
    )
    if (isOver) return { verdict: 'done' }
    return { verdict: 'later', inMs: 0, reason: 'Others are let by' }
  } catch (error) {
    await endIfFinal(operationId, error, context, deps)
    throw error
  }
}

/**
 * Works on an operation until it has ended (true), the signal is aborted, or nobody may go on. Resumes where the last
 * committed chunk has left it.
 */
export async function workOperation(
  id: number,
  signal: AbortSignal,
  deps: WorkDeps,
  mayGoOn: () => boolean = () => true,
): Promise<boolean> {
  const operation = await deps.stores.bulk.get(id)
  if (bulkIsDone(operation.state)) return true
  const work = { operation, decide: createDecider(operation, deps), signal, deps }
  for (let pass = { after: 0, chunk: 1, isOpen: true }; ; ) {
    if (signal.aborted || !mayGoOn()) return false
    const next = await workChunk(work, pass)
    if (next === null) return conclude(operation, deps)
    if (!next.isOpen) return true
    pass = next
  }
}

interface Pass {
  /** Position behind which the chunk begins. */
  readonly after: number
  readonly chunk: number
  readonly isOpen: boolean
}

interface Work {
  readonly operation: BulkOperation
  readonly decide: DecideChunk
  readonly signal: AbortSignal
  readonly deps: WorkDeps
}

/** Null: no record is pending any more. Behind the last one it begins again, with those that were held by a page. */
async function workChunk(
  { operation: { id }, decide, signal, deps }: Work,
  pass: Pass,
): Promise<Pass | null> {
  const { bulk } = deps.stores
  const { after, chunk } = pass
  const records = await bulk.listPending(id, { after, limit: CHUNK })
  if (records.length === 0) return after === 0 ? null : { ...pass, after: 0 }
  const decisions = await decide(records)
  await deps.probe.before('commit', { mapping: 'operations', page: chunk })
  const { isOpen, busy } = await bulk.commitChunk(id, decisions)
  if (busy > 0) await sleep(BUSY_MS, signal)
  return { after: records.at(-1)?.position ?? after, chunk: chunk + 1, isOpen }
}

/** Somebody else may have ended it meanwhile. */
async function conclude(operation: BulkOperation, deps: WorkDeps): Promise<true> {
  const runIds = await startRuns(operation, deps)
  await deps.probe.before('finish', { mapping: 'operations', page: 0 })
  if (await deps.stores.bulk.finish(operation.id, runIds))
    deps.log.info({ operation: operation.id, runIds }, 'The operation has finished')
  return true
}

/** What passes by itself is waited for, however long it takes. */
async function endIfFinal(id: number, error: unknown, context: JobContext, deps: WorkDeps): Promise<void> {
  const { code, message, kind } = toSyncError(error)
  const isPassing = kind === 'transient' || kind === 'waiting' || code === 'OPERATION_UNKNOWN'
  const isFinal = error instanceof SyncError || context.isLastAttempt
  if (isPassing || !isFinal || context.signal.aborted) return
  deps.log.error({ err: error, operation: id }, 'The operation failed')
  await deps.stores.bulk.fail(id, { code, message })
}
