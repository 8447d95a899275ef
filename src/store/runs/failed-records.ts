import { sql } from 'drizzle-orm'
import type { JobDirection } from '../../core/mapping/definition.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Executor } from '../database.ts'

interface Row extends Record<string, unknown> {
  readonly mapping_id: string
  readonly direction: JobDirection
  readonly key: RecordKey
}

/** Only those that are still wrong: a record of the run that has succeeded since has no issue any more. */
export async function listFailedRecords(
  db: Executor,
  runId: number,
): Promise<{ mappingId: number; direction: JobDirection; key: RecordKey }[]> {
  const { rows } = await db.execute<Row>(sql`
    select i.mapping_id, i.direction, i.key from couplet.issue i
    where i.job_id in (select id from couplet.job where run_id = ${runId})
    union
    select i.mapping_id, i.direction, i.key from couplet.outcome o
    join couplet.issue i on i.mapping_id = o.mapping_id and i.direction = o.direction
      and i.key = case o.direction when 'to' then o.local_key else o.remote_key end
    where o.job_id in (select id from couplet.job where run_id = ${runId})
      and o.kind in ('failed', 'waiting', 'conflict', 'skipped')
    order by 1, 2, 3`)
  return rows.map(({ mapping_id, direction, key }) => ({ mappingId: Number(mapping_id), direction, key }))
}
