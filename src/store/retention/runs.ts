import { type SQL, sql } from 'drizzle-orm'
import { clock, type Executor, idArray } from '../database.ts'

/** Runs that are looked for at once: the look reads all couplings, so it is worth many. */
const MOST = 100_000
/** Runs that go in one transaction. */
const BATCH = 500

const hasEnded = sql`r.state in ('succeeded', 'succeeded-with-failures', 'failed', 'cancelled')`
const isPreview = sql`coalesce((r.options ->> 'dryRun')::boolean, false)`

/**
 * Removes runs that ended so long ago, with their lines and jobs, their preview, their answered question and their idempotency
 * key. What anything still refers to stays: see `findRemovable`.
 */
export async function removeOldRuns(
  db: Executor,
  { keepDays, previews }: { readonly keepDays: number; readonly previews: boolean },
  signal: AbortSignal,
): Promise<number> {
  const isOld = sql`${hasEnded} and r.finished_at <= ${clock} - ${keepDays} * interval '1 day'
    and ${previews ? isPreview : sql`not ${isPreview}`}`
  const ids = await findRemovable(db, isOld)
  let removed = 0
  for (let at = 0; at < ids.length && !signal.aborted; at += BATCH) {
    removed += await removeRuns(db, ids.slice(at, at + BATCH), isOld)
  }
  return removed
}

/**
 * Stays: a run of which the ledger, an issue, a page under way, a request, a coupling's last result, a watermark or an open question
 * tells; the last run of a schedule; the last job that brought a mapping up to date. Most of it is asked of indexes. The
 * last jobs of couplings are read from all couplings at once: an index on them would be written with every record.
 */
async function findRemovable(db: Executor, isOld: SQL): Promise<number[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    with last_runs as materialized (
      select max(id) as id from couplet.run where schedule_id is not null group by schedule_id
      union select max(j.run_id) from couplet.job j join couplet.line l on l.id = j.line_id join couplet.run r on r.id = j.run_id
        where j.type = 'synchronization' and j.state in ('succeeded', 'succeeded-with-failures')
          and l.selection in ('all', 'changes') and not ${isPreview}
        group by j.mapping_id, j.direction
    ), old as materialized (
      select r.id from couplet.run r
      where ${isOld} and not exists (select from last_runs where last_runs.id = r.id)
        and not exists (select from couplet.end_question q where q.run_id = r.id and q.state = 'open')
        and not exists (select from couplet.table_mapping m where r.id in (m.local_watermark_run, m.remote_watermark_run))
        and not exists (select from couplet.job j where j.run_id = r.id and (
          exists (select from couplet.outcome o where o.job_id = j.id)
          or exists (select from couplet.issue i where i.job_id = j.id)
          or exists (select from couplet.page_intent p where p.job_id = j.id)))
    ), named as (
      select last.job_id from couplet.coupling c cross join lateral (values (c.last_to_job_id), (c.last_from_job_id)) as last(job_id)
      union all select unnest(job_ids) from couplet.inbox
    ), needed as (
      select distinct j.run_id from old join couplet.job j on j.run_id = old.id join named on named.job_id = j.id
    )
    select old.id from old where not exists (select from needed where needed.run_id = old.id)
    order by old.id limit ${MOST}`)
  return rows.map(({ id }) => Number(id))
}

/**
 * The race: somebody retries a run while it is being removed. The lock decides: either the run is no longer old, or the retry
 * finds none. Nothing else can begin to refer to a run that has ended.
 */
function removeRuns(db: Executor, ids: readonly number[], isOld: SQL): Promise<number> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ id: string }>(sql`
      select r.id from couplet.run r where r.id = any(${idArray(ids)}) and ${isOld} for update skip locked`)
    const locked = idArray(rows.map(({ id }) => Number(id)))
    await tx.execute(sql`
      delete from couplet.lease where expires_at <= ${clock}
        and resource in (select 'preview/' || l.id from couplet.line l where l.run_id = any(${locked}))`)
    for (const table of tablesOfJobs) {
      await tx.execute(sql`
        delete from ${table} t using couplet.job j where t.job_id = j.id and j.run_id = any(${locked})`)
    }
    for (const table of tablesOfRuns)
      await tx.execute(sql`delete from ${table} where run_id = any(${locked})`)
    const { rowCount } = await tx.execute(sql`delete from couplet.run where id = any(${locked})`)
    return rowCount ?? 0
  })
}

/** What goes with its run, in an order that foreign keys allow. */
const tablesOfJobs = ['match_finding', 'preview_finding', 'preview_cost'].map(named)
const tablesOfRuns = [
  'preview_coupling',
  'preview_request',
  'preview_suspect',
  'end_question',
  'job',
  'line',
].map(named)

function named(table: string): SQL {
  return sql.raw(`couplet.${table}`)
}
