import { sql } from 'drizzle-orm'
import type { Fence } from '../../core/ports/lease-store.ts'
import type { IntendedWrite, SyncStore } from '../../core/ports/sync-store.ts'
import { present } from '../../lib/assert.ts'
import type { Executor } from '../database.ts'
import { packIntendedWrites } from '../intended-writes.ts'
import { assertAllHeld, assertFence, heldRows, neededRows } from '../leases/fence.ts'

type NewIntent = Parameters<SyncStore['openIntent']>[1]

/**
 * One statement, because the page waits for it. The token of the fence is kept with the intent: it says whose writes may still
 * arrive, and a renewal of the lease moves the deadline on (leases/lease-store.ts). The fence holds the lease's rows, so that no
 * renewal is missed: the deadline counts from what they say once they are locked, not from what the statement saw at first.
 */
export async function openIntent(db: Executor, fence: Fence, intent: NewIntent): Promise<number> {
  const { rows } = await db.execute<{ held: number; id: string | null }>(sql`
    with held as (${heldRows(fence, sql`expires_at`)}), opened as (
      insert into couplet.page_intent (pair_id, mapping_id, direction, job_id, token, writes, search_from, deadline_at)
      select pair_id, id, ${intent.direction}, ${intent.jobId}, ${fence.token}::bigint,
        ${JSON.stringify(packIntendedWrites(intent.writes))}::json, ${intent.searchFrom ?? null},
        (select max(expires_at) from held) + ${intent.serverRunMs} * interval '1 millisecond'
      from couplet.table_mapping
      where id = ${intent.mappingId} and (select count(*) from held) = ${neededRows(fence)}
      returning id)
    select (select count(*)::int from held) as held, (select id from opened) as id`)
  const { held, id } = present(rows[0], 'answer')
  assertAllHeld(fence, held)
  return Number(present(id, `mapping ${intent.mappingId}`))
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
