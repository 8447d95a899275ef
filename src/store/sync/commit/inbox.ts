import { sql } from 'drizzle-orm'
import type { PageCommit } from '../../../core/ports/sync-store.ts'
import { type Executor, idArray, rowsParameter } from '../../database.ts'
import { requestRecords } from '../../runs/request-records.ts'

/**
 * Removes the rows this page has served. One that was asked for again meanwhile has another `seq` and stays, but no
 * longer for the jobs that have their answer.
 */
export async function removeDoneInbox(tx: Executor, { mappingId, doneInbox }: PageCommit): Promise<void> {
  if (doneInbox.length === 0) return
  await lockRows(
    tx,
    mappingId,
    doneInbox.map(({ id }) => id),
  )
  await tx.execute(sql`
    with served as (
      select * from jsonb_to_recordset(${rowsParameter(doneInbox)}) as w(id bigint, seq bigint, "jobIds" bigint[])
    ), removed as (
      delete from couplet.inbox i using served w
      where i.id = w.id and i.seq = w.seq and i.mapping_id = ${mappingId}
    )
    update couplet.inbox i
    set job_ids = (select coalesce(array_agg(job), '{}') from unnest(i.job_ids) job where job <> all (w."jobIds"))
    from served w
    where i.id = w.id and i.seq <> w.seq and i.mapping_id = ${mappingId}`)
}

export async function addRequests(tx: Executor, { pairId, mappingId, requests }: PageCommit): Promise<void> {
  await requestRecords(
    tx,
    requests.map((request) => ({
      ...request,
      pairId,
      mappingId,
      force: true,
      task: null,
      releases: false,
    })),
  )
}

/**
 * In the order in which requests take them, so that the two wait for each other and never crosswise; and before they are
 * looked at, so that a request that was on its way is seen.
 */
async function lockRows(tx: Executor, mappingId: number, ids: readonly number[]): Promise<void> {
  await tx.execute(sql`
    select from couplet.inbox where id = any(${idArray(ids)}) and mapping_id = ${mappingId}
    order by mapping_id, direction, key for update`)
}
