import { eq, type SQL, sql } from 'drizzle-orm'
import { type Side, sourceSide } from '../../core/mapping/definition.ts'
import type { DeletionLook, DeletionStore } from '../../core/ports/deletion-store.ts'
import type { Fence } from '../../core/ports/lease-store.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { present } from '../../lib/assert.ts'
import { type Executor, textArray } from '../database.ts'
import { toInstant } from '../instant.ts'
import { assertFence } from '../leases/fence.ts'
import { seenCoupling, stagedKey } from '../schema/deletion.ts'

type Comparison = Parameters<DeletionStore['endComparison']>[1]
type Pass = Parameters<DeletionStore['endPass']>[1]
type Deleted = Parameters<DeletionStore['addDeleted']>[1]

export async function getLook(db: Executor, mappingId: number, side: Side): Promise<DeletionLook> {
  const { rows } = await db.execute<{ mark: string | null; age: string | null; access: string | null }>(sql`
    select mark, access, (extract(epoch from clock_timestamp() - compared_at) * 1000)::bigint::text as age
    from couplet.deletion_look where mapping_id = ${mappingId} and side = ${side}`)
  const [row] = rows
  const age = row?.age ?? null
  return {
    mark: row?.mark ?? null,
    comparedMsAgo: age === null ? null : Number(age),
    access: row?.access ?? null,
  }
}

export async function beginComparison(db: Executor, fence: Fence, mappingId: number): Promise<string> {
  return db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await tx.delete(stagedKey).where(eq(stagedKey.mappingId, mappingId))
    await tx.delete(seenCoupling).where(eq(seenCoupling.mappingId, mappingId))
    const { rows } = await tx.execute<{ now: string }>(sql`select clock_timestamp()::text as now`)
    return toInstant(present(rows[0], 'time').now)
  })
}

export async function stageKeys(
  db: Executor,
  fence: Fence,
  mappingId: number,
  keys: readonly RecordKey[],
): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await tx.execute(sql`
      insert into couplet.staged_key (mapping_id, key)
      select ${mappingId}, key from unnest(${textArray(keys)}) key`)
  })
}

export async function countStaged(db: Executor, mappingId: number): Promise<number> {
  const { rows } = await db.execute<{ count: string }>(
    sql`select count(distinct key) from couplet.staged_key where mapping_id = ${mappingId}`,
  )
  return Number(present(rows[0], 'count').count)
}

/** Set-wise, by equality alone: systems sort keys in different ways, so nothing is merged in an order (architecture §4.6). */
export async function endComparison(db: Executor, fence: Fence, comparison: Comparison): Promise<void> {
  const { mappingId, side } = comparison
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await addAbsent(tx, comparison, isNotStaged(mappingId, keyOf(side)))
  })
}

/** The same, where pages have noted what was there instead of keys that exist. */
export async function endPass(db: Executor, fence: Fence, pass: Pass): Promise<void> {
  const { mappingId } = pass
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await addAbsent(
      tx,
      pass,
      sql`not exists (
        select from (select unnest(coupling_ids) as id from couplet.seen_coupling where mapping_id = ${mappingId}) s
        where s.id = c.id)`,
    )
  })
}

export async function forgetSeen(db: Executor, fence: Fence, mappingId: number): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await tx.delete(seenCoupling).where(eq(seenCoupling.mappingId, mappingId))
  })
}

const isNotStaged = (mappingId: number, key: SQL): SQL => sql`not exists (
  select from couplet.staged_key k where k.mapping_id = ${mappingId} and k.key = ${key})`

async function addAbsent(
  tx: Executor,
  { mappingId, direction, side, startedAt, mark }: Comparison,
  isAbsent: SQL,
): Promise<void> {
  const since = sql`${startedAt}::timestamptz`
  // What is staged has no index, and the planner knows nothing of it yet: each coupling must not search it on its own.
  await tx.execute(sql`set local enable_nestloop = off`)
  await tx.execute(sql`
    insert into couplet.deletion_suspect (mapping_id, direction, coupling_id)
    select c.mapping_id, ${direction}, c.id from couplet.coupling c
    where c.mapping_id = ${mappingId} and c.created_at < ${since} and ${isAbsent}
    on conflict do nothing`)
  const isGone = sql`i.first_at < ${since} and ${isNotStaged(mappingId, sql`i.key`)}`
  await wakeUncoupled(tx, { mappingId, side }, isGone)
  await tx.delete(stagedKey).where(eq(stagedKey.mappingId, mappingId))
  await saveLook(tx, { mappingId, side, mark, compared: true })
}

export async function listUncoupled(
  db: Executor,
  mappingId: number,
  side: Side,
  { before, after, limit }: Parameters<DeletionStore['listUncoupled']>[2],
): Promise<{ issueId: number; key: RecordKey }[]> {
  const { rows } = await db.execute<{ id: string; key: RecordKey }>(sql`
    select i.id, i.key from couplet.issue i
    where ${isUncoupled({ mappingId, side })} and i.first_at < ${before}::timestamptz and i.id > ${after}
    order by i.id limit ${limit}`)
  return rows.map(({ id, key }) => ({ issueId: Number(id), key }))
}

export async function dropComparison(db: Executor, fence: Fence, mappingId: number): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await tx.delete(stagedKey).where(eq(stagedKey.mappingId, mappingId))
  })
}

export async function saveAccess(
  db: Executor,
  fence: Fence,
  { mappingId, side, access }: Parameters<DeletionStore['saveAccess']>[1],
): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await tx.execute(sql`
      insert into couplet.deletion_look (mapping_id, side, access) values (${mappingId}, ${side}, ${access})
      on conflict (mapping_id, side) do update set access = excluded.access`)
  })
}

export async function addDeleted(db: Executor, fence: Fence, found: Deleted): Promise<void> {
  const { mappingId, direction, side, keys, mark } = found
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    await tx.execute(sql`
      insert into couplet.deletion_suspect (mapping_id, direction, coupling_id)
      select c.mapping_id, ${direction}, c.id from couplet.coupling c
      where c.mapping_id = ${mappingId} and ${keyOf(side)} = any(${textArray(keys)})
      on conflict do nothing`)
    await wakeUncoupled(tx, { mappingId, side }, sql`i.key = any(${textArray(keys)})`)
    await saveLook(tx, { mappingId, side, mark, compared: false })
  })
}

const keyOf = (side: Side): SQL => sql.raw(`c.${side}_key`)

/** A record that was never coupled and is gone has an issue that nothing else would ever look at again. */
async function wakeUncoupled(
  tx: Executor,
  { mappingId, side }: { mappingId: number; side: Side },
  isGone: SQL,
): Promise<void> {
  await tx.execute(sql`
    update couplet.issue i set next_attempt_at = clock_timestamp()
    where ${isUncoupled({ mappingId, side })} and ${isGone}`)
}

/** An issue `i` of a record of that side that is not coupled. */
function isUncoupled({ mappingId, side }: { mappingId: number; side: Side }): SQL {
  const direction = sourceSide.to === side ? 'to' : 'from'
  return sql`i.mapping_id = ${mappingId} and i.direction = ${direction}
    and not exists (select from couplet.coupling c where c.mapping_id = i.mapping_id and ${keyOf(side)} = i.key)`
}

async function saveLook(
  tx: Executor,
  look: { mappingId: number; side: Side; mark: string | null; compared: boolean },
): Promise<void> {
  await tx.execute(sql`
    insert into couplet.deletion_look as l (mapping_id, side, mark, compared_at)
    values (${look.mappingId}, ${look.side}, ${look.mark}, ${look.compared ? sql`clock_timestamp()` : null})
    on conflict (mapping_id, side) do update
    set mark = excluded.mark, compared_at = coalesce(excluded.compared_at, l.compared_at)`)
}
