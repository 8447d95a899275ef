import { SyncError, toSyncError } from '../../core/errors.ts'
import { runPriority } from '../../core/jobs/priority.ts'
import type { Act } from '../../core/ports/act.ts'
import type { Pair, StoredMapping } from '../../core/ports/mapping-store.ts'
import { type RecoveryStore, recoveryRunKey } from '../../core/ports/recovery-store.ts'
import { type Job, plainOptions, type RunState } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { requestLine } from '../flow/plan-run.ts'
import type { LeaseKeeper } from '../line/lease-keeper.ts'
import { openSession } from '../line/open-session.ts'
import type { LineSession } from '../line/session.ts'

/** Everything a recovery works with while it holds its lease, which covers all mappings of the pair. */
export interface Recovery {
  readonly pair: Pair
  readonly act: Act
  readonly deps: Deps
  readonly recovery: RecoveryStore
  readonly lease: LeaseKeeper
  readonly signal: AbortSignal
}

type Work = (session: LineSession, jobs: readonly Job[]) => Promise<void>

/**
 * A run of one mapping that is carried out here and now, in the ledger like every other, but by no queue: nothing else that
 * is due is worked off with it, and no pause keeps it waiting. One that dies is cancelled by the next recovery.
 */
export async function carryOut(
  mapping: StoredMapping,
  step: 'search' | 'hold',
  { pair, act, deps, recovery, lease, signal }: Recovery,
  work: Work,
): Promise<{ readonly state: RunState }> {
  const { runs } = deps.stores
  const { fence } = lease
  await deps.probe.before('read', { mapping: mapping.definition.name, page: 0 })
  const run = await recovery.createRun(
    newRun(mapping, pair, act, recoveryRunKey(fence.token, mapping.id, step)),
    fence,
  )
  const { lines, jobs } = await runs.getRun(run.id)
  const [line] = lines
  if (line === undefined) throw new SyncError('INTERNAL', `Run ${run.id} has a line`)
  try {
    await runs.startRun(run.id)
    await runs.startLine(line.id)
    for (const job of jobs) await runs.startJob(job.id, fence, null)
    const frame = { run, line, stored: mapping, pair, jobs, lease, signal }
    await work(await openSession(deps, frame), jobs)
    for (const job of jobs) await runs.finishJob(job.id, fence, 'succeeded', null)
    await runs.finishLine(line.id, 'finished', null, fence)
  } catch (error) {
    const { code, message } = toSyncError(error)
    await runs.finishLine(line.id, 'failed', { code, message }, fence)
    await runs.finishRunIfDone(run.id)
    throw error
  }
  return runs.finishRunIfDone(run.id)
}

function newRun(
  mapping: StoredMapping,
  { id: pairId }: Pair,
  act: Act,
  key: string,
): Parameters<RecoveryStore['createRun']>[0] {
  return {
    pairId,
    kind: 'couple',
    options: plainOptions,
    requestedBy: act.by,
    reason: act.reason ?? '',
    priority: runPriority('records'),
    idempotencyKey: key,
    payloadHash: key,
    scheduleId: null,
    slot: null,
    lines: [requestLine(mapping, 1, [], 'coupling')],
  }
}
