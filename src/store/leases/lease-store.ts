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

/** All rows or none: a fence that has lost one of its resources is of no use any more. */
async function renew(db: Executor, fence: Fence, ttlMs: number): Promise<boolean> {
  const held = sql`resource = any(${textArray(fence.resources)}) and token = ${fence.token}::bigint`
  const { rowCount } = await db.execute(sql`
    with held as (
      select resource from couplet.lease where ${held} and expires_at > clock_timestamp()
      order by resource for no key update)
    update couplet.lease set expires_at = clock_timestamp() + ${ttlMs} * interval '1 millisecond'
    where ${held} and (select count(*) from held) = ${fence.resources.length}`)
  return fence.resources.length > 0 && rowCount === fence.resources.length
}

async function release(db: Executor, fence: Fence): Promise<void> {
  await db.execute(sql`
    update couplet.lease set expires_at = '-infinity'
    where resource = any(${textArray(fence.resources)}) and token = ${fence.token}::bigint`)
}
