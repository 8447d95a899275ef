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
        update couplet.job j set takeovers = takeovers + 1 from couplet.run r
        where j.mapping_id = ${mappingId} and j.state = 'running' and r.id = j.run_id
          and not coalesce((r.options ->> 'dryRun')::boolean, false)
        returning j.id, j.run_id
      )
      insert into couplet.audit_log (actor, action, subject, detail)
      select l.holder, 'job.takeover', 'job ' || t.id, jsonb_build_object('runId', t.run_id, 'from', ${from}::text)
      from taken t, (select min(holder) as holder from couplet.lease where token = ${fence.token}::bigint) l`)
  })
}
