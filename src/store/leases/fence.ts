import { type SQL, sql } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { Fence } from '../../core/ports/lease-store.ts'
import { type Executor, textArray } from '../database.ts'

/**
 * Throws LEASE_LOST unless the fence holds, and locks its rows until the end of the transaction: a takeover updates
 * the same rows, so whoever comes second waits and then sees what the first has done (architecture §4.1). The
 * condition is evaluated again after a wait, by the database's clock. A share lock keeps takeovers out just as well, and
 * lets the next page open its intent while this one is committed. `alongside` is evaluated with it.
 */
export async function assertFence(tx: Executor, fence: Fence, alongside: SQL = sql`1`): Promise<void> {
  const { rows } = await tx.execute(heldRows(fence, alongside))
  assertAllHeld(fence, rows.length)
}

/** The rows of the lease that this fence holds, locked. */
export function heldRows(fence: Fence, columns: SQL): SQL {
  return sql`select ${columns} from couplet.lease
    where resource = any(${textArray(fence.resources)})
      and token = ${fence.token}::bigint and expires_at > clock_timestamp()
    order by resource
    for share`
}

/** How many rows that is; a fence without any holds nothing. */
export function neededRows({ resources }: Fence): number {
  return Math.max(1, new Set(resources).size)
}

/** Throws LEASE_LOST unless so many rows are all of them. */
export function assertAllHeld(fence: Fence, held: number): void {
  if (held === neededRows(fence)) return
  const names = fence.resources.join(', ')
  throw new SyncError('LEASE_LOST', `The lease on ${names} is lost`, {
    data: { resources: names, token: fence.token },
  })
}
