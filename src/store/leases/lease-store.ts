import { sql } from 'drizzle-orm'
import type { Fence, LeaseStore } from '../../core/ports/lease-store.ts'
import { present } from '../../lib/assert.ts'
import { type Executor, textArray } from '../database.ts'
import { acquire } from './acquire.ts'

export function createLeaseStore(db: Executor): LeaseStore {
  return {
    acquire: (request) => acquire(db, request),
    renew: (fence, ttlMs) => renew(db, fence, ttlMs),
    release: (fence) => release(db, fence),
    isHeld: (resource) => isHeld(db, resource),
  }
}

/**
 * All rows or none: a fence that has lost one of its resources is of no use any more. The intents opened under the lease
 * live on with it: what is sent just before its end may arrive until their deadline, and not later (§4.2). They are
 * looked for by a statement of its own, after the wait for the lease's rows: one statement would not see an intent that
 * was opened while it waited.
 */
async function renew(db: Executor, fence: Fence, ttlMs: number): Promise<boolean> {
  const mine = sql`resource = any(${textArray(fence.resources)}) and token = ${fence.token}::bigint`
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ ended: string }>(sql`
      select expires_at::text as ended from couplet.lease where ${mine} and expires_at > clock_timestamp()
      order by resource for no key update`)
    const [held] = rows
    if (held === undefined || rows.length !== fence.resources.length) return false
    const renewed = await tx.execute<{ ends: string }>(sql`
      update couplet.lease set expires_at = renewal.ends
      from (select clock_timestamp() + ${ttlMs} * interval '1 millisecond' as ends) as renewal
      where ${mine} returning expires_at::text as ends`)
    await tx.execute(sql`
      update couplet.page_intent
      set deadline_at = deadline_at + (${present(renewed.rows[0], 'lease').ends}::timestamptz - ${held.ended}::timestamptz)
      where token = ${fence.token}::bigint`)
    return true
  })
}

async function release(db: Executor, fence: Fence): Promise<void> {
  await db.execute(sql`
    update couplet.lease set expires_at = '-infinity'
    where resource = any(${textArray(fence.resources)}) and token = ${fence.token}::bigint`)
}

async function isHeld(db: Executor, resource: string): Promise<boolean> {
  const { rowCount } = await db.execute(
    sql`select from couplet.lease where resource = ${resource} and expires_at > clock_timestamp()`,
  )
  return rowCount === 1
}
