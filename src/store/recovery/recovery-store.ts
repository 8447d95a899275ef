import { and, inArray, like, sql } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import {
  isRecoveryRun,
  RECOVERY_RUN,
  type RecoveryAttempt,
  type RecoveryStore,
  recoveryLease,
} from '../../core/ports/recovery-store.ts'
import { pauseWork, resumeWork } from '../control/pauses.ts'
import type { Executor } from '../database.ts'
import { acquire } from '../leases/acquire.ts'
import { assertFence } from '../leases/fence.ts'
import { appendAudit } from '../operations/audit.ts'
import { cancelRun } from '../runs/cancel-run.ts'
import { createRun } from '../runs/create-run.ts'
import { line } from '../schema/line.ts'
import { run } from '../schema/run.ts'
import { assertNobodyLives, lockLeases } from './nobody-works.ts'

/** More than any installation gives out between two backups. */
const AHEAD = 1_000_000
/** However many couplings there are, no statement takes longer than the pool waits for one. */
const MARKED_AT_ONCE = 10_000

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

/** The rows of all leases stay locked to the end: whoever else begins waits, and then finds that of recoveries taken. */
async function begin(
  tx: Executor,
  act: Act,
  lease: Parameters<RecoveryStore['begin']>[1],
): Promise<RecoveryAttempt> {
  const hindrance = await lockLeases(tx)
  if (hindrance !== null) return { acquired: false, ...hindrance }
  await assertNobodyLives(tx)
  // The first recovery of a store finds no row that it could have locked.
  const only = await acquire(tx, { ...lease, resources: [recoveryLease] })
  if (!only.acquired) return { ...only, isRecovery: true }
  const cancelledRuns = await beginRecovery(tx, act)
  const all = await acquire(tx, { ...lease, resources: [recoveryLease, ...lease.resources] })
  if (all.acquired) return { ...all, cancelledRuns }
  throw new SyncError('STORE_IN_USE', `${all.holder} has begun to work meanwhile`, {
    data: { processes: all.holder },
  })
}

/**
 * Within the transaction of the caller, which has locked all leases. Runs are locked before the pause, and both before the first
 * entry of the audit log, as whoever cancels or resumes does: nobody waits for this crosswise. Tells how many runs it has cancelled
 * that somebody had asked for.
 */
export async function beginRecovery(tx: Executor, act: Act): Promise<number> {
  await tx.execute(sql`
    select setval(format('%I.%I', schemaname, sequencename)::regclass, coalesce(last_value, 0) + ${AHEAD}::bigint)
    from pg_sequences where schemaname = 'couplet'`)
  await tx.execute(sql`update couplet.lease set expires_at = '-infinity'`)
  await markCouplings(tx)
  const runs = await stopUnfinished(tx)
  await holdEverything(tx, act)
  for (const { id } of runs) await cancelRun(tx, id, act)
  await appendAudit(tx, { actor: act.by, action: 'store.recover', subject: 'store', reason: act.reason })
  return runs.filter((each) => !isRecoveryRun(each)).length
}

async function markCouplings(tx: Executor): Promise<void> {
  for (let after: string | null = '0'; after !== null; ) {
    const { rows }: { rows: { last: string | null }[] } = await tx.execute(sql`
      with page as materialized (
        select id from couplet.coupling where id > ${after}::bigint order by id limit ${MARKED_AT_ONCE}),
      marked as (
        update couplet.coupling c set is_restored = true from page where c.id = page.id and not c.is_restored)
      select max(id)::text as last from page`)
    after = rows[0]?.last ?? null
  }
}

/**
 * A run that was under way in the backup would go on from an old watermark, before anybody knows what has been created
 * since. Nobody is at work, so that a line that runs would never find out by itself. While everything is held since the last
 * recovery, all that were under way then are cancelled; what people have asked for since, such as couplings by hand, waits
 * for the end of the hold, and only what a recovery has left behind that died is stopped.
 */
async function stopUnfinished(tx: Executor) {
  const isToStop = (await isHeld(tx)) ? isLikeRecoveryRun : undefined
  const runs = await tx
    .update(run)
    .set({ cancelledBy: null })
    .where(and(inArray(run.state, ['queued', 'running']), isToStop))
    .returning({ id: run.id, idempotencyKey: run.idempotencyKey })
  const ids = runs.map(({ id }) => id)
  if (ids.length > 0)
    await tx
      .update(line)
      .set({ state: 'ready' })
      .where(sql`${inArray(line.runId, ids)} and ${line.state} = 'running'`)
  return runs
}

const isLikeRecoveryRun = like(run.idempotencyKey, `${RECOVERY_RUN}%`)

/** Whether a recovery has begun and nobody has resumed everything since. */
async function isHeld(tx: Executor): Promise<boolean> {
  const { rows } = await tx.execute<{ is_held: boolean }>(sql`
    select action = 'store.recover' as is_held from couplet.audit_log
    where subject = 'store' and action = 'store.recover' or subject = 'everything' and action = 'resume'
    order by number desc limit 1`)
  return rows[0]?.is_held ?? false
}

/** A pause that somebody had set on everything has its place in the audit log: whoever resumes this one resumes all. */
async function holdEverything(tx: Executor, act: Act): Promise<void> {
  const what = { scope: 'everything' } as const
  const reason = `The store was restored (${act.reason ?? ''}); resume when it is recovered (docs/disaster.md)`
  await resumeWork(tx, what, act)
  await pauseWork(tx, what, { cause: 'automatic', until: null, reason }, act)
}
