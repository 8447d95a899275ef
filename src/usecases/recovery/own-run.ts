import { SyncError, toSyncError } from '../../core/errors.ts'
import { runPriority } from '../../core/jobs/priority.ts'
import type { Act } from '../../core/ports/act.ts'
import type { Pair, StoredMapping } from '../../core/ports/mapping-store.ts'
import { type Job, plainOptions, type RunState } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { requestLine } from '../flow/plan-run.ts'
import { acquireLease } from '../line/lease-keeper.ts'
import { leaseResources, openSession } from '../line/open-session.ts'
import type { LineSession } from '../line/session.ts'

interface OwnRun {
  readonly pair: Pair
  readonly mapping: StoredMapping
  readonly act: Act
}

type Work = (session: LineSession, jobs: readonly Job[]) => Promise<void>

/**
 * A run of one mapping that is carried out here and now, under its lease and in the ledger like every other, but by no queue:
 * nothing else that is due is worked off with it, and no pause keeps it waiting. One that dies is cancelled by the next
 * recovery, or finds nothing to do.
 */
export async function carryOut(
  { pair, mapping, act }: OwnRun,
  deps: Deps,
  signal: AbortSignal,
  work: Work,
): Promise<{ readonly runId: number; readonly state: RunState }> {
  const { runs } = deps.stores
  const { run } = await runs.createRun({
    pairId: pair.id,
    kind: 'couple',
    options: plainOptions,
    requestedBy: act.by,
    reason: act.reason ?? '',
    priority: runPriority('records'),
    idempotencyKey: null,
    payloadHash: null,
    scheduleId: null,
    slot: null,
    lines: [requestLine(mapping, 1, [], 'coupling')],
  })
  const { lines, jobs } = await runs.getRun(run.id)
  const [line] = lines
  if (line === undefined) throw new SyncError('INTERNAL', `Run ${run.id} has a line`)
  const attempt = await acquireLease(leaseResources({ run, line }, mapping, pair), deps)
  if (!attempt.acquired)
    throw new SyncError('STORE_IN_USE', `Mapping ${line.mappingName} is in use by ${attempt.holder}`, {
      data: { processes: attempt.holder },
    })
  const { fence } = attempt.keeper
  try {
    await runs.startRun(run.id)
    await runs.startLine(line.id)
    for (const job of jobs) await runs.startJob(job.id, fence, null)
    const frame = { run, line, stored: mapping, pair, jobs, lease: attempt.keeper, signal }
    await work(await openSession(deps, frame), jobs)
    for (const job of jobs) await runs.finishJob(job.id, fence, 'succeeded', null)
    await runs.finishLine(line.id, 'finished', null, fence)
  } catch (error) {
    const { code, message } = toSyncError(error)
    await runs.finishLine(line.id, 'failed', { code, message }, fence)
    await runs.finishRunIfDone(run.id)
    throw error
  } finally {
    await attempt.keeper.release()
  }
  return { runId: run.id, state: (await runs.finishRunIfDone(run.id)).state }
}
