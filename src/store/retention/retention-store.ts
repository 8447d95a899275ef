import { sql } from 'drizzle-orm'
import type { AgingKind, RetentionRound, RetentionStore } from '../../core/ports/retention-store.ts'
import { clock, type Executor } from '../database.ts'
import { retention } from '../schema/retention.ts'
import { removers } from './removers.ts'

export function createRetentionStore(db: Executor): RetentionStore {
  return {
    removeOld: (kind, keepDays, signal) => removers[kind](db, keepDays, signal),
    noteRound: (kind, removed) => noteRound(db, kind, removed),
    listRounds: () => listRounds(db),
  }
}

async function noteRound(db: Executor, kind: AgingKind, removed: number): Promise<void> {
  await db
    .insert(retention)
    .values({ kind, ranAt: clock, removed, removedInAll: removed })
    .onConflictDoUpdate({
      target: retention.kind,
      set: { ranAt: clock, removed, removedInAll: sql`${retention.removedInAll} + ${removed}` },
    })
}

function listRounds(db: Executor): Promise<RetentionRound[]> {
  return db
    .select({
      kind: retention.kind,
      secondsAgo: sql<number>`greatest(0, extract(epoch from ${clock} - ${retention.ranAt}))::float8`,
      removed: retention.removed,
      removedInAll: retention.removedInAll,
    })
    .from(retention)
    .orderBy(retention.kind)
}
