import { and, eq, inArray, sql } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { NewRun, RunStore } from '../../core/ports/run-store.ts'
import type { Run } from '../../core/sync/run.ts'
import type { Executor } from '../database.ts'
import { copyDueIssues } from '../previews/requests.ts'
import { joinedRequest } from '../schema/joined-request.ts'
import { run } from '../schema/run.ts'
import { insertLines } from './insert-lines.ts'
import { joinWaitingRun } from './join-run.ts'
import { toRun } from './rows.ts'

type Creation = Awaited<ReturnType<RunStore['createRun']>>

/**
 * The unique indexes of `run` decide, also between two requests at the same moment: the later insert waits for the
 * earlier one, does nothing, and finds out why. What was in the way may be gone by then: then it tries again.
 */
export async function createRun(db: Executor, request: NewRun): Promise<Creation> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const created = await tryInsert(db, request)
    if (created) return created
    const existing = await findSameRun(db, request)
    if (existing) return joined(existing)
    await refuseSecondFull(db, request)
  }
  throw new SyncError('INTERNAL', 'The run could not be created: its slot or key is taken and free in turns')
}

const joined = (run: Run): Creation => ({ run, created: false, lines: [] })

async function tryInsert(
  db: Executor,
  { lines, deduplicate = false, ...request }: NewRun,
): Promise<Creation | null> {
  return db.transaction(async (tx) => {
    if (request.idempotencyKey !== null) {
      await lockKey(tx, request.pairId, request.idempotencyKey)
      const same = await findSameRun(tx, request)
      if (same) return joined(same)
    }
    const waiting = deduplicate ? await joinWaitingRun(tx, { lines, ...request }) : null
    if (waiting) return joined(waiting)
    const rows = await tx.insert(run).values(request).onConflictDoNothing().returning()
    if (!rows[0]) return null
    const isPreview = request.options.dryRun
    const inserted = await insertLines(tx, { runId: rows[0].id, pairId: request.pairId, isPreview }, lines)
    if (isPreview && !isAboutRecords(lines)) await copyDueIssues(tx, rows[0].id)
    return { run: toRun(rows[0]), created: true, lines: inserted }
  })
}

/** A key may belong to a run of its own or to a request that another run has taken along: no index sees both. */
async function lockKey(tx: Executor, pairId: number, key: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`run of ${pairId} ${key}`}, 0))`)
}

/** Who asks about single records is shown those, and not what else is due. */
function isAboutRecords(lines: NewRun['lines']): boolean {
  return lines.every(({ selection }) => selection === 'requests')
}

/** The run that stands for the same request: the same idempotency key, or the same slot of a schedule. */
export async function findSameRun(
  db: Executor,
  request: Pick<NewRun, 'pairId' | 'idempotencyKey' | 'payloadHash' | 'scheduleId' | 'slot'>,
): Promise<Run | null> {
  const { pairId, idempotencyKey, payloadHash, scheduleId, slot } = request
  if (idempotencyKey !== null) {
    const found =
      (await findOwner(db, pairId, idempotencyKey)) ?? (await findJoined(db, pairId, idempotencyKey))
    if (found && found.payloadHash !== payloadHash) throw keyReused(idempotencyKey, found.run.id)
    if (found) return found.run
  }
  if (scheduleId === null || slot === null) return null
  const found = await db
    .select()
    .from(run)
    .where(and(eq(run.scheduleId, scheduleId), eq(run.slot, slot)))
  return found[0] ? toRun(found[0]) : null
}

type Keyed = { readonly run: Run; readonly payloadHash: string | null }

async function findOwner(db: Executor, pairId: number, key: string): Promise<Keyed | null> {
  const isMine = and(eq(run.pairId, pairId), eq(run.idempotencyKey, key))
  const [found] = await db.select().from(run).where(isMine)
  return found ? { run: toRun(found), payloadHash: found.payloadHash } : null
}

async function findJoined(db: Executor, pairId: number, key: string): Promise<Keyed | null> {
  const isMine = and(eq(joinedRequest.pairId, pairId), eq(joinedRequest.idempotencyKey, key))
  const [found] = await db
    .select({ run, payloadHash: joinedRequest.payloadHash })
    .from(joinedRequest)
    .innerJoin(run, eq(run.id, joinedRequest.runId))
    .where(isMine)
  return found ? { run: toRun(found.run), payloadHash: found.payloadHash } : null
}

function keyReused(key: string, runId: number): SyncError {
  return new SyncError(
    'RUN_KEY_REUSED',
    `The idempotency key '${key}' belongs to run ${runId}, which asked for something else`,
    { data: { key, runId } },
  )
}

async function refuseSecondFull(db: Executor, { kind, pairId }: NewRun): Promise<void> {
  const other = kind === 'full' ? await findRunningFull(db, pairId) : null
  if (other) throw other
}

/** The error that names the full synchronization of a pair that is going on, since when and for whom; or null. */
export async function findRunningFull(db: Executor, pairId: number): Promise<SyncError | null> {
  const found = await db
    .select({ id: run.id, requestedBy: run.requestedBy, createdAt: run.createdAt })
    .from(run)
    .where(
      and(
        eq(run.pairId, pairId),
        eq(run.kind, 'full'),
        inArray(run.state, ['queued', 'running']),
        sql`not coalesce((${run.options} ->> 'dryRun')::boolean, false)`,
      ),
    )
    .orderBy(sql`${run.id}`)
  const [other] = found
  if (!other) return null
  const message = `Full synchronization ${other.id} is running since ${other.createdAt}, asked for by ${other.requestedBy}`
  return new SyncError('FULL_SYNC_RUNNING', message, { data: { runId: other.id } })
}
