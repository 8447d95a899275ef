import { and, eq, inArray, sql } from 'drizzle-orm'
import { sourceSide } from '../../core/mapping/definition.ts'
import type { DeletionSuspect } from '../../core/ports/deletion-store.ts'
import type { Fence } from '../../core/ports/lease-store.ts'
import type { PreviewCommit, PreviewSearch } from '../../core/ports/preview-store.ts'
import { present } from '../../lib/assert.ts'
import { type Executor, idArray, rowsParameter } from '../database.ts'
import { assertFence } from '../leases/fence.ts'
import { previewSuspect } from '../schema/preview.ts'

interface Row extends Record<string, unknown> {
  readonly id: string
  readonly local_key: string
  readonly remote_key: string
}

export async function addSuspects(
  db: Executor,
  fence: Fence,
  { runId, mappingId, direction }: PreviewSearch,
  couplingIds: readonly number[],
): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await tx.execute(sql`
      insert into couplet.preview_suspect (run_id, mapping_id, direction, coupling_id)
      select ${runId}, ${mappingId}, ${direction}, id from unnest(${idArray(couplingIds)}) id
      on conflict do nothing`)
  })
}

export async function listSuspects(
  db: Executor,
  { runId, mappingId, direction }: PreviewSearch,
  after: number,
  limit: number,
): Promise<DeletionSuspect[]> {
  const { rows } = await db.execute<Row>(sql`
    select c.id, c.local_key, c.remote_key from couplet.preview_suspect s
    join couplet.coupling c on c.id = s.coupling_id
    where s.run_id = ${runId} and s.mapping_id = ${mappingId} and s.direction = ${direction} and s.coupling_id > ${after}
    order by s.coupling_id limit ${limit}`)
  return rows.map(({ id, local_key, remote_key }) => ({
    couplingId: Number(id),
    keys: { local: local_key, remote: remote_key },
  }))
}

export async function countSuspects(
  db: Executor,
  { runId, mappingId, direction }: PreviewSearch,
): Promise<number> {
  const key = sql.raw(`c.${sourceSide[direction]}_key`)
  const { rows } = await db.execute<{ count: string }>(sql`
    select count(*) from couplet.preview_suspect s join couplet.coupling c on c.id = s.coupling_id
    where s.run_id = ${runId} and s.mapping_id = ${mappingId} and s.direction = ${direction}
      and not exists (select from couplet.issue i where i.mapping_id = s.mapping_id and i.direction = s.direction
        and i.key = ${key} and i.resolution ->> 'kind' = 'deletion')`)
  return Number(present(rows[0], 'count').count)
}

export async function dropSuspects(
  db: Executor,
  fence: Fence,
  runId: number,
  couplingIds: readonly number[],
): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await removeSuspects(tx, runId, couplingIds)
  })
}

/** What a page has found is looked at when the pass is complete; what it has judged is done with. */
export async function noteSuspects(
  tx: Executor,
  { runId, mappingId, foundDeletions, settledDeletions }: PreviewCommit,
): Promise<void> {
  if (foundDeletions.length > 0)
    await tx.execute(sql`
      insert into couplet.preview_suspect (run_id, mapping_id, direction, coupling_id)
      select ${runId}, ${mappingId}, w.direction, w."couplingId"
      from jsonb_to_recordset(${rowsParameter(foundDeletions)}) as w(direction text, "couplingId" bigint)
      on conflict do nothing`)
  if (settledDeletions.length > 0) await removeSuspects(tx, runId, settledDeletions)
}

async function removeSuspects(tx: Executor, runId: number, couplingIds: readonly number[]): Promise<void> {
  await tx
    .delete(previewSuspect)
    .where(and(eq(previewSuspect.runId, runId), inArray(previewSuspect.couplingId, [...couplingIds])))
}
