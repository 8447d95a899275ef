import { sql } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { Fence } from '../../core/ports/lease-store.ts'
import { type Executor, textArray } from '../database.ts'

/**
 * Throws LEASE_LOST unless the fence holds, and locks its rows until the end of the transaction: a takeover updates
 * the same rows, so whoever comes second waits and then sees what the first has done (architecture §4.1). The
 * condition is evaluated again after a wait, by the database's clock. A share lock keeps takeovers out just as well, and
 * lets the next page open its intent while this one is committed.
 */
export async function assertFence(tx: Executor, fence: Fence): Promise<void> {
  const held = await tx.execute(sql`
    select 1 from couplet.lease
    where resource = any(${textArray(fence.resources)})
      and token = ${fence.token}::bigint and expires_at > clock_timestamp()
    order by resource
    for share`)
  if (fence.resources.length === 0 || held.rows.length !== new Set(fence.resources).size) {
    throw new SyncError('LEASE_LOST', `The lease on ${fence.resources.join(', ')} is lost`, {
      data: { resources: fence.resources.join(', '), token: fence.token },
    })
  }
}
