import { sql } from 'drizzle-orm'
import type { Fence } from '../../core/ports/lease-store.ts'
import type { MatchStore, StagedRecord } from '../../core/ports/match-store.ts'
import { type Executor, textArray } from '../database.ts'
import { assertFence } from '../leases/fence.ts'
import { saveProgress } from '../sync/commit/counters.ts'

export async function beginMatching(
  db: Executor,
  fence: Fence,
  { mappingId, jobId }: Parameters<MatchStore['beginMatching']>[1],
): Promise<void> {
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    // A preview takes no lease of the mapping: its job, or the real one, may be reading at this moment.
    await tx.execute(sql`
      delete from couplet.match_key k where k.job_id = ${jobId} or (k.mapping_id = ${mappingId}
        and not exists (select from couplet.job j where j.id = k.job_id and j.state in ('ready', 'running')))`)
  })
}

export async function stageMatchKeys(
  db: Executor,
  fence: Fence,
  page: Parameters<MatchStore['stageMatchKeys']>[1],
): Promise<void> {
  const rows = page.records.flatMap(rowsOf)
  await db.transaction(async (tx) => {
    await assertFence(tx, fence)
    // A server that crashes loses the staged rows in any case, and the job notices: nothing is gained by a wait for the disk.
    await tx.execute(sql`set local synchronous_commit = off`)
    await tx.execute(sql`
      insert into couplet.match_key (job_id, mapping_id, side, position, match_key, record_key)
      select ${page.jobId}, ${page.mappingId}, ${page.side}, w.position::int, w.match_key, w.record_key
      from unnest(${textArray(rows.map(({ position }) => String(position)))},
        ${textArray(rows.map(({ matchKey }) => matchKey))},
        ${textArray(rows.map(({ key }) => key))}) as w(position, match_key, record_key)`)
    await saveProgress(tx, new Map(), { jobId: page.jobId, value: page.checkpoint })
  })
}

/** The record itself, and one row per group that applies to it. */
function rowsOf({ key, matchKeys }: StagedRecord) {
  const own = { position: -1, matchKey: '', key }
  const ofGroups = matchKeys.flatMap((matchKey, position) =>
    matchKey === null ? [] : [{ position, matchKey, key }],
  )
  return [own, ...ofGroups]
}

export async function countStaged(db: Executor, jobId: number): Promise<number> {
  const { rows } = await db.execute<{ count: string }>(
    sql`select count(*) from couplet.match_key where job_id = ${jobId}`,
  )
  return Number(rows[0]?.count ?? 0)
}
