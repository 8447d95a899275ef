import { sql } from 'drizzle-orm'
import type { Fence, LeaseStore } from '../../core/ports/lease-store.ts'
import { type Executor, textArray } from '../database.ts'
import { acquire } from './acquire.ts'

export function createLeaseStore(db: Executor): LeaseStore {
  return {
    acquire: (request) => acquire(db, request),
    renew: (fence, ttlMs) => renew(db, fence, ttlMs),
    release: (fence) => release(db, fence),
  }
}

/**
 * All rows or none: a fence that has lost one of its resources is of no use any more. The intents opened under the lease
 * live on with it: what is sent just before its end may arrive until their deadline, and not later (§4.2).
 */
async function renew(db: Executor, fence: Fence, ttlMs: number): Promise<boolean> {
  const mine = sql`resource = any(${textArray(fence.resources)}) and token = ${fence.token}::bigint`
  const { rowCount } = await db.execute(sql`
    with held as (
      select resource, expires_at from couplet.lease where ${mine} and expires_at > clock_timestamp()
      order by resource for no key update),
    renewal as (
      select clock_timestamp() + ${ttlMs} * interval '1 millisecond' as ends, max(expires_at) as ended
      from held having count(*) = ${fence.resources.length}),
    intents as (
      update couplet.page_intent set deadline_at = deadline_at + (renewal.ends - renewal.ended)
      from renewal where token = ${fence.token}::bigint)
    update couplet.lease set expires_at = renewal.ends from renewal where ${mine}`)
  return fence.resources.length > 0 && rowCount === fence.resources.length
}

async function release(db: Executor, fence: Fence): Promise<void> {
  await db.execute(sql`
    update couplet.lease set expires_at = '-infinity'
    where resource = any(${textArray(fence.resources)}) and token = ${fence.token}::bigint`)
}
