import { sql } from 'drizzle-orm'
import type { RecoveryStore } from '../../core/ports/recovery-store.ts'
import type { Executor } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'

/** More than any installation gives out between two backups. */
const AHEAD = 1_000_000

type Changed = Parameters<RecoveryStore['skipAhead']>[0]

export function createRecoveryStore(db: Executor): RecoveryStore {
  return { skipAhead: (changed) => db.transaction((tx) => skipAhead(tx, changed)) }
}

/** Within the transaction of the caller. */
export async function skipAhead(tx: Executor, { by, reason }: Changed): Promise<void> {
  await tx.execute(sql`
    select setval(format('%I.%I', schemaname, sequencename)::regclass, coalesce(last_value, 0) + ${AHEAD}::bigint)
    from pg_sequences where schemaname = 'couplet'`)
  await tx.execute(sql`update couplet.lease set expires_at = '-infinity'`)
  await appendAudit(tx, { actor: by, action: 'store.recover', subject: 'store', reason })
}
