import { sql } from 'drizzle-orm'
import type { Fence } from '../../core/ports/lease-store.ts'
import type { IntendedWrite, SyncStore } from '../../core/ports/sync-store.ts'
import { present } from '../../lib/assert.ts'
import { type Executor, textArray } from '../database.ts'
import { packIntendedWrites } from '../intended-writes.ts'
import { assertFence } from '../leases/fence.ts'

type NewIntent = Parameters<SyncStore['openIntent']>[1]

/**
 * The token of the fence is kept with the intent: it says whose writes may still arrive, and a renewal of the lease moves
 * the deadline on (leases/lease-store.ts). The fence holds the lease's rows, so that no renewal is missed.
 */
export async function openIntent(db: Executor, fence: Fence, intent: NewIntent): Promise<number> {
  return db.transaction(async (tx) => {
    await assertFence(tx, fence)
    const { rows } = await tx.execute<{ id: string }>(sql`
      insert into couplet.page_intent (pair_id, mapping_id, direction, job_id, token, writes, search_from, deadline_at)
      select pair_id, id, ${intent.direction}, ${intent.jobId}, ${fence.token}::bigint,
        ${JSON.stringify(packIntendedWrites(intent.writes))}::json, ${intent.searchFrom ?? null},
        (select max(expires_at) from couplet.lease where resource = any(${textArray(fence.resources)}))
          + ${intent.serverRunMs} * interval '1 millisecond'
      from couplet.table_mapping where id = ${intent.mappingId}
      returning id`)
    return Number(present(rows[0], `mapping ${intent.mappingId}`).id)
  })
}

export async function narrowIntent(
  db: Executor,
  fence: Fence,
  intentId: number,
  writes: readonly IntendedWrite[],
): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await tx.execute(sql`
      update couplet.page_intent set writes = ${JSON.stringify(packIntendedWrites(writes))}::json where id = ${intentId}`)
  })
}
