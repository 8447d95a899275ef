import { inArray, sql } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import type { Acquisition } from '../../core/ports/lease-store.ts'
import { type RecoveryStore, recoveryLease } from '../../core/ports/recovery-store.ts'
import { pauseWork, resumeWork } from '../control/pauses.ts'
import type { Executor } from '../database.ts'
import { acquire } from '../leases/acquire.ts'
import { assertFence } from '../leases/fence.ts'
import { appendAudit } from '../operations/audit.ts'
import { cancelRun } from '../runs/cancel-run.ts'
import { createRun } from '../runs/create-run.ts'
import { line } from '../schema/line.ts'
import { run } from '../schema/run.ts'

/** More than any installation gives out between two backups. */
const AHEAD = 1_000_000

export function createRecoveryStore(db: Executor): RecoveryStore {
  return {
    begin: (act, lease) => db.transaction((tx) => begin(tx, act, lease)),
    createRun: (newRun, fence) =>
      db.transaction(async (tx) => {
        await assertFence(tx, fence)
        return (await createRun(tx, newRun)).run
      }),
    pauseMapping: (mappingId, reason, act, fence) =>
      db.transaction(async (tx) => {
        await assertFence(tx, fence)
        await pauseWork(tx, { scope: 'mapping', mappingId }, { cause: 'automatic', until: null, reason }, act)
      }),
  }
}

/** The row of the lease stays locked to the end: whoever else begins waits, and then finds it taken. */
async function begin(
  tx: Executor,
  act: Act,
  lease: Parameters<RecoveryStore['begin']>[1],
): Promise<Acquisition> {
  const only = await acquire(tx, { ...lease, resources: [recoveryLease] })
  if (!only.acquired) return only
  await beginRecovery(tx, act)
  const all = await acquire(tx, { ...lease, resources: [recoveryLease, ...lease.resources] })
  if (all.acquired) return all
  throw new SyncError('STORE_IN_USE', `${all.holder} has begun to work meanwhile`, {
    data: { processes: all.holder },
  })
}

/** Within the transaction of the caller. */
export async function beginRecovery(tx: Executor, act: Act): Promise<void> {
  await tx.execute(sql`
    select setval(format('%I.%I', schemaname, sequencename)::regclass, coalesce(last_value, 0) + ${AHEAD}::bigint)
    from pg_sequences where schemaname = 'couplet'`)
  await tx.execute(sql`update couplet.lease set expires_at = '-infinity'`)
  await cancelUnfinished(tx, act)
  await tx.execute(sql`update couplet.coupling set is_restored = true where not is_restored`)
  await holdEverything(tx, act)
  await appendAudit(tx, { actor: act.by, action: 'store.recover', subject: 'store', reason: act.reason })
}

/**
 * A run that was under way in the backup would go on from an old watermark, before anybody knows what has been created
 * since. Nobody is at work, so that a line that runs would never find out by itself.
 */
async function cancelUnfinished(tx: Executor, act: Act): Promise<void> {
  const isUnfinished = inArray(run.state, ['queued', 'running'])
  const runs = await tx.update(run).set({ cancelledBy: null }).where(isUnfinished).returning({ id: run.id })
  const ids = runs.map(({ id }) => id)
  if (ids.length === 0) return
  await tx
    .update(line)
    .set({ state: 'ready' })
    .where(sql`${inArray(line.runId, ids)} and ${line.state} = 'running'`)
  for (const id of ids) await cancelRun(tx, id, act)
}

/** A pause that somebody had set on everything has its place in the audit log: whoever resumes this one resumes all. */
async function holdEverything(tx: Executor, act: Act): Promise<void> {
  const what = { scope: 'everything' } as const
  const reason = `The store was restored (${act.reason ?? ''}); resume when it is recovered (docs/disaster.md)`
  await resumeWork(tx, what, act)
  await pauseWork(tx, what, { cause: 'automatic', until: null, reason }, act)
}
