import { and, eq, inArray } from 'drizzle-orm'
import type { PageCommit } from '../../../core/ports/sync-store.ts'
import type { Executor } from '../../database.ts'
import { pageIntent } from '../../schema/page-intent.ts'

const ofMapping = (mappingId: number, ids: readonly number[]) =>
  and(eq(pageIntent.mappingId, mappingId), inArray(pageIntent.id, [...ids]))

export async function closeIntents(
  tx: Executor,
  { mappingId, closeIntents: ids }: PageCommit,
): Promise<void> {
  if (ids.length > 0) await tx.delete(pageIntent).where(ofMapping(mappingId, ids))
}

export async function keepIntents(
  tx: Executor,
  { mappingId, keepForLastLook: ids }: PageCommit,
): Promise<void> {
  if (ids.length > 0) await tx.update(pageIntent).set({ settledOnce: true }).where(ofMapping(mappingId, ids))
}
