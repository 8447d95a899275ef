import { and, eq, inArray, notExists, sql } from 'drizzle-orm'
import { type BulkOperation, bulkIsDone } from '../../core/bulk/operation.ts'
import { SyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import { present } from '../../lib/assert.ts'
import { clock, type Executor } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { bulkOperation, bulkRecord } from '../schema/bulk-operation.ts'
import { get, lock } from './read.ts'

const isPendingOf = (id: number) => and(eq(bulkRecord.operationId, id), eq(bulkRecord.state, 'pending'))

export async function finish(db: Executor, id: number, runIds: readonly number[]): Promise<boolean> {
  const pending = db.select({ position: bulkRecord.position }).from(bulkRecord).where(isPendingOf(id))
  const { rowCount } = await db
    .update(bulkOperation)
    .set({
      state: 'finished',
      runIds: [...runIds],
      startedAt: sql`coalesce(${bulkOperation.startedAt}, ${clock})`,
      finishedAt: clock,
    })
    .where(
      and(eq(bulkOperation.id, id), inArray(bulkOperation.state, ['waiting', 'running']), notExists(pending)),
    )
  return rowCount === 1
}

export async function fail(
  db: Executor,
  id: number,
  { code, message }: { readonly code: string; readonly message: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const { state, counts } = await lock(tx, id)
    if (bulkIsDone(state)) return
    const { rowCount } = await tx
      .update(bulkRecord)
      .set({ state: 'failed', code, message, endedAt: clock })
      .where(isPendingOf(id))
    await tx
      .update(bulkOperation)
      .set({
        state: 'failed',
        failed: counts.failed + (rowCount ?? 0),
        errorCode: code,
        errorMessage: message,
        finishedAt: clock,
      })
      .where(eq(bulkOperation.id, id))
  })
}

/** Between two chunks, because each holds the lock of the row for its length. */
export async function cancel(db: Executor, id: number, { by, reason }: Act): Promise<BulkOperation> {
  return db.transaction(async (tx) => {
    const { state, counts } = await lock(tx, id)
    if (bulkIsDone(state)) {
      const message = `Operation ${id} has ended already: ${state}`
      throw new SyncError('OPERATION_ENDED', message, { data: { operationId: id } })
    }
    await tx
      .update(bulkOperation)
      .set({ state: 'cancelled', cancelledBy: by, finishedAt: clock })
      .where(eq(bulkOperation.id, id))
    await appendAudit(tx, {
      actor: by,
      action: 'operation.cancel',
      subject: `operation ${id}`,
      reason,
      detail: { ...counts },
    })
    return get(tx, id)
  })
}

export async function noteRuns(db: Executor, id: number, runIds: readonly number[]): Promise<void> {
  await db
    .update(bulkOperation)
    .set({ runIds: [...runIds] })
    .where(eq(bulkOperation.id, id))
}

export async function raiseGeneration(db: Executor, id: number): Promise<number> {
  const [row] = await db
    .update(bulkOperation)
    .set({ generation: sql`${bulkOperation.generation} + 1` })
    .where(eq(bulkOperation.id, id))
    .returning({ generation: bulkOperation.generation })
  return present(row, `operation ${id}`).generation
}
