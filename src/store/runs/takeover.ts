import { sql } from 'drizzle-orm'
import type { Fence } from '../../core/ports/lease-store.ts'
import type { Executor } from '../database.ts'
import { assertFence } from '../leases/fence.ts'

export async function recordTakeover(
  db: Executor,
  mappingId: number,
  fence: Fence,
  from: string,
): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await tx.execute(sql`
      with taken as (
        update couplet.job set takeovers = takeovers + 1 where mapping_id = ${mappingId} and state = 'running' returning id, run_id
      )
      insert into couplet.audit_log (actor, action, subject, detail)
      select l.holder, 'job.takeover', 'job ' || t.id, jsonb_build_object('runId', t.run_id, 'from', ${from}::text)
      from taken t, (select min(holder) as holder from couplet.lease where token = ${fence.token}::bigint) l`)
  })
}
