import { sql } from 'drizzle-orm'
import { type Executor, rowsParameter } from '../../database.ts'

/** First number of our advisory locks on references, to keep apart from other users of the database. */
const LOCK_SPACE = 0x436f7570

/**
 * Without a lock a record could wait for ever:
 *
 *   customer page                               salesperson page
 *   finds salesperson JO uncoupled
 *                                               couples JO, releases whoever waits for JO: nobody does yet
 *                                               commits
 *   opens the issue "waits for JO", commits
 *
 * So whoever opens an issue looks at the couplings again, and whoever releases excludes whoever looks, until both have
 * committed: shared against exclusive, per referenced mapping. If the releaser is first, the look sees its coupling;
 * if it is second, its release sees the issue. The locks are taken in one order and before any row of an issue, and
 * the release waits for no row (SKIP LOCKED): it cannot be part of a deadlock. A row that it passes over is held by a
 * commit that no longer waits for this mapping, as that one would have to hold the shared lock.
 */
export async function lockReferences(
  tx: Executor,
  pairId: number,
  names: { readonly waitedFor: readonly string[]; readonly released: readonly string[] },
): Promise<void> {
  const rows = [
    ...[...new Set(names.waitedFor)].map((name) => ({ name, exclusive: false })),
    ...[...new Set(names.released)].map((name) => ({ name, exclusive: true })),
  ]
  if (rows.length === 0) return
  await tx.execute(sql`
    select case when is_exclusive then pg_advisory_xact_lock(${LOCK_SPACE}::int, key)
      else pg_advisory_xact_lock_shared(${LOCK_SPACE}::int, key) end
    from (select hashtext(${`${pairId}/`}::text || name) as key, bool_or(exclusive) as is_exclusive
      from jsonb_to_recordset(${rowsParameter(rows)}) as w(name text, exclusive boolean)
      group by 1 order by 1) as locks`)
}
