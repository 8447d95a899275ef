import { sql } from 'drizzle-orm'
import { assertAllSilent, findHindrance, type Hindrance } from '../../core/control/nobody-works.ts'
import { recoveryLease } from '../../core/ports/recovery-store.ts'
import type { Executor } from '../database.ts'
import { listProcesses } from '../processes/process-store.ts'

interface LeaseRow extends Record<string, unknown> {
  readonly resource: string
  readonly holder: string
  readonly expires_in_ms: number
}

/**
 * Who is at work. Locks the rows of all leases to the end of the transaction, in the order in which everybody does: what is
 * seen here stays so, and ending all of them afterwards waits for nobody crosswise.
 */
export async function lockLeases(tx: Executor): Promise<Hindrance | null> {
  const { rows } = await tx.execute<LeaseRow>(sql`
    select resource, holder, case when expires_at > clock_timestamp()
      then ceil(extract(epoch from expires_at - clock_timestamp()) * 1000)::int else 0 end as expires_in_ms
    from couplet.lease order by resource for no key update`)
  const living = rows.filter((row) => row.expires_in_ms > 0)
  return findHindrance(
    living.map(({ resource, holder, expires_in_ms: expiresInMs }) => ({ resource, holder, expiresInMs })),
    recoveryLease,
  )
}

/** Throws STORE_IN_USE while any process gives signs of life. */
export async function assertNobodyLives(tx: Executor): Promise<void> {
  assertAllSilent(await listProcesses(tx))
}
