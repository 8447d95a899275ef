import { and, eq, sql } from 'drizzle-orm'
import type { UncoupledPair } from '../../core/coupling/uncoupling.ts'
import type { Side } from '../../core/mapping/definition.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { groupBy } from '../../lib/group.ts'
import { type Executor, textArray } from '../database.ts'
import { uncoupledPair } from '../schema/uncoupled-pair.ts'

const keyOf = { local: uncoupledPair.localKey, remote: uncoupledPair.remoteKey } as const

/** By the index of that side. */
export async function findUncoupled(
  db: Executor,
  mappingId: number,
  side: Side,
  keys: readonly RecordKey[],
): Promise<ReadonlyMap<RecordKey, readonly UncoupledPair[]>> {
  if (keys.length === 0) return new Map()
  const rows = await db
    .select()
    .from(uncoupledPair)
    .where(and(eq(uncoupledPair.mappingId, mappingId), sql`${keyOf[side]} = any(${textArray(keys)})`))
  return groupBy(rows.map(toPair), (pair) => (side === 'local' ? pair.localKey : pair.remoteKey))
}

function toPair(row: typeof uncoupledPair.$inferSelect): UncoupledPair {
  const { localKey, remoteKey, generation, uncoupledBy, uncoupledAt } = row
  return {
    localKey,
    remoteKey,
    generation,
    uncoupledBy,
    uncoupledAt,
    released: { local: row.localReleased, remote: row.remoteReleased },
  }
}
