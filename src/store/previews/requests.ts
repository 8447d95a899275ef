import { sql } from 'drizzle-orm'
import type { RecordRequest } from '../../core/ports/run-store.ts'
import { type Executor, rowsParameter } from '../database.ts'

type PlacedRequest = Pick<RecordRequest, 'direction' | 'key' | 'force' | 'createMissing' | 'task'> & {
  readonly mappingId: number
  readonly jobIds: readonly number[]
}

/** Keeps what a preview was asked for to itself: whoever drains the inbox would do it for real. */
export async function requestPreview(
  tx: Executor,
  runId: number,
  requests: readonly PlacedRequest[],
): Promise<void> {
  if (requests.length === 0) return
  await tx.execute(sql`
    insert into couplet.preview_request (run_id, mapping_id, direction, key, job_ids, force, create_missing, task)
    select ${runId}, w."mappingId", w.direction, w.key, w."jobIds", w.force, w."createMissing", w.task
    from jsonb_to_recordset(${rowsParameter(requests)}) as w("mappingId" bigint, direction text, key text,
      "jobIds" bigint[], force boolean, "createMissing" boolean, task jsonb)
    on conflict do nothing`)
}

/** The real run would begin with the issues that are due now; so does the preview, with a list of its own. */
export async function copyDueIssues(tx: Executor, runId: number): Promise<void> {
  await tx.execute(sql`
    insert into couplet.preview_request (run_id, mapping_id, direction, key, force, create_missing)
    select j.run_id, i.mapping_id, i.direction, i.key, true, i.create_missing
    from couplet.job j join couplet.issue i on i.mapping_id = j.mapping_id and i.direction = j.direction
    where j.run_id = ${runId} and i.next_attempt_at <= clock_timestamp()
    on conflict do nothing`)
}
