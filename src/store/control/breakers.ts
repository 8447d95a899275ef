import { asc, eq, sql } from 'drizzle-orm'
import { type BreakerAnswer, type BreakerEvent, BreakerState, step } from '../../core/control/breaker.ts'
import type { StoredBreaker } from '../../core/ports/control-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, type Executor } from '../database.ts'
import { breaker } from '../schema/breaker.ts'
import { connection } from '../schema/connection.ts'

interface FoundBreaker {
  /** The database's clock, ms. */
  readonly now: number
  /** Null: it has never been open. */
  readonly revision: string | null
  readonly state: BreakerState
}

/** As the budgets do it: no lock is held between reading and changing, and what has changed in between is worked out again. */
export async function turnBreaker(
  db: Executor,
  connectionId: number,
  event: BreakerEvent,
): Promise<BreakerAnswer> {
  for (;;) {
    const { now, revision, state } = await findBreaker(db, connectionId)
    const { state: after, answer } = step(state, event, now)
    const isSame = after === state || (after.state === 'closed' && state.state === 'closed')
    if (isSame || (await saveBreaker(db, connectionId, revision, after))) return answer
  }
}

async function findBreaker(db: Executor, connectionId: number): Promise<FoundBreaker> {
  const { rows } = await db.execute<{ now: number; revision: string | null; state: unknown }>(sql`
    select (extract(epoch from ${clock}) * 1000)::float8 as now, b.revision::text as revision, b.state
    from (values (1)) as one left join couplet.breaker b on b.connection_id = ${connectionId}`)
  const { now, revision, state } = present(rows[0], 'clock')
  return { now, revision, state: revision === null ? { state: 'closed' } : BreakerState.parse(state) }
}

/** False when the breaker is no longer the one that was read. */
async function saveBreaker(
  db: Executor,
  connectionId: number,
  revision: string | null,
  state: BreakerState,
): Promise<boolean> {
  const document = sql`${JSON.stringify(state)}::json`
  const { rowCount } = await db.execute(
    revision === null
      ? sql`insert into couplet.breaker (connection_id, revision, state)
          values (${connectionId}, 1, ${document}) on conflict do nothing`
      : sql`update couplet.breaker set revision = revision + 1, state = ${document}, updated_at = ${clock}
          where connection_id = ${connectionId} and revision = ${revision}::bigint`,
  )
  return rowCount === 1
}

export async function listBreakers(db: Executor): Promise<StoredBreaker[]> {
  const rows = await db
    .select({ connectionId: breaker.connectionId, connection: connection.name, state: breaker.state })
    .from(breaker)
    .innerJoin(connection, eq(connection.id, breaker.connectionId))
    .orderBy(asc(connection.name))
  return rows.filter(({ state }) => state.state !== 'closed')
}
