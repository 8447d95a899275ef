import { inArray, sql } from 'drizzle-orm'
import { sourceSide } from '../../core/mapping/definition.ts'
import type { DeletionSuspect, Search } from '../../core/ports/deletion-store.ts'
import type { Fence } from '../../core/ports/lease-store.ts'
import type { DeletionSet } from '../../core/sync/deletion.ts'
import { present } from '../../lib/assert.ts'
import type { Executor } from '../database.ts'
import { assertFence } from '../leases/fence.ts'
import { deletionSuspect } from '../schema/deletion.ts'

interface Row extends Record<string, unknown> {
  readonly id: string
  readonly local_key: string
  readonly remote_key: string
}

export async function listSuspects(
  db: Executor,
  { mappingId, direction }: Search,
  after: number,
  limit: number,
): Promise<DeletionSuspect[]> {
  const { rows } = await db.execute<Row>(sql`
    select c.id, c.local_key, c.remote_key from couplet.deletion_suspect s
    join couplet.coupling c on c.id = s.coupling_id
    where s.mapping_id = ${mappingId} and s.direction = ${direction} and s.coupling_id > ${after}
    order by s.coupling_id limit ${limit}`)
  return rows.map(({ id, local_key, remote_key }) => ({
    couplingId: Number(id),
    keys: { local: local_key, remote: remote_key },
  }))
}

export async function dropSuspects(
  db: Executor,
  fence: Fence,
  couplingIds: readonly number[],
): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await tx.delete(deletionSuspect).where(inArray(deletionSuspect.couplingId, [...couplingIds]))
  })
}

export async function countSet(db: Executor, { mappingId, direction }: Search): Promise<DeletionSet> {
  const side = sql.raw(`c.${sourceSide[direction]}_key`)
  const { rows } = await db.execute<{ count: string }>(sql`
    select count(*) from couplet.deletion_suspect s join couplet.coupling c on c.id = s.coupling_id
    where s.mapping_id = ${mappingId} and s.direction = ${direction}
      and not exists (select from couplet.issue i where i.mapping_id = s.mapping_id and i.direction = s.direction
        and i.key = ${side} and i.resolution ->> 'kind' = 'deletion')`)
  const records = Number(present(rows[0], 'count').count)
  return { records, coupled: records === 0 ? 0 : await countCouplings(db, mappingId) }
}

export async function countCouplings(db: Executor, mappingId: number): Promise<number> {
  const { rows } = await db.execute<{ count: string }>(
    sql`select count(*) from couplet.coupling where mapping_id = ${mappingId}`,
  )
  return Number(present(rows[0], 'count').count)
}

export async function hasCouplingsBefore(db: Executor, mappingId: number, instant: string): Promise<boolean> {
  const { rows } = await db.execute<{ found: boolean }>(sql`
    select exists (select from couplet.coupling
      where mapping_id = ${mappingId} and created_at < ${instant}::timestamptz) as found`)
  return present(rows[0], 'answer').found
}
