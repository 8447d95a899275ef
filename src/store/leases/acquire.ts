import { sql } from 'drizzle-orm'
import type { Acquisition } from '../../core/ports/lease-store.ts'
import { present } from '../../lib/assert.ts'
import { type Executor, textArray } from '../database.ts'

interface Taken extends Record<string, unknown> {
  readonly holder: string
  readonly expires_in_ms: number
}

interface AcquireRequest {
  readonly resources: readonly string[]
  readonly holder: string
  readonly ttlMs: number
}

/**
 * Looks without a lock first, so that a job that meets a living lease never waits for the holder's transaction. Then
 * locks all rows in one order (two takers never wait for each other crosswise), looks again, and writes one token.
 */
export async function acquire(db: Executor, request: AcquireRequest): Promise<Acquisition> {
  const seen = await findTaken(db, request.resources, false)
  if (seen) return seen
  return db.transaction(async (tx) => {
    await tx.execute(sql`
      insert into couplet.lease (resource, token, holder, expires_at)
      select resource, 0, '', '-infinity' from unnest(${textArray(request.resources)}) as r(resource)
      order by resource
      on conflict do nothing`)
    const taken = await findTaken(tx, request.resources, true)
    if (taken) return taken
    const takenOverFrom = await findAbandoner(tx, request)
    const fence = { resources: request.resources, token: await take(tx, request) }
    return { acquired: true, fence, takenOverFrom }
  })
}

async function findTaken(
  db: Executor,
  resources: readonly string[],
  lock: boolean,
): Promise<Extract<Acquisition, { acquired: false }> | null> {
  const { rows } = await db.execute<Taken>(sql`
    select holder, case when expires_at > clock_timestamp()
      then ceil(extract(epoch from expires_at - clock_timestamp()) * 1000)::int else 0 end as expires_in_ms
    from couplet.lease where resource = any(${textArray(resources)})
    order by resource ${sql.raw(lock ? 'for no key update' : '')}`)
  const last = rows
    .filter((row) => row.expires_in_ms > 0)
    .sort((a, b) => b.expires_in_ms - a.expires_in_ms)[0]
  return last ? { acquired: false, holder: last.holder, expiresInMs: last.expires_in_ms } : null
}

/** A lease that was given back has ended at -infinity. */
async function findAbandoner(tx: Executor, { resources: [first] }: AcquireRequest): Promise<string | null> {
  const { rows } = await tx.execute<{ holder: string }>(sql`
    select holder from couplet.lease where resource = ${first ?? ''} and expires_at > '-infinity'`)
  return rows[0]?.holder ?? null
}

async function take(tx: Executor, { resources, holder, ttlMs }: AcquireRequest): Promise<string> {
  const { rows } = await tx.execute<{ token: string }>(sql`
    with next as materialized (select nextval('couplet.lease_token') as token)
    update couplet.lease set token = next.token, holder = ${holder},
      expires_at = clock_timestamp() + ${ttlMs} * interval '1 millisecond'
    from next where resource = any(${textArray(resources)})
    returning next.token::text as token`)
  return present(rows[0], 'lease row').token
}
