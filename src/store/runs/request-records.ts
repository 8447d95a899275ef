import { sql } from 'drizzle-orm'
import type { RecordRequest } from '../../core/ports/run-store.ts'
import { groupBy } from '../../lib/group.ts'
import { type Executor, rowsParameter } from '../database.ts'

interface PlacedRequest extends RecordRequest {
  readonly pairId: number
  readonly mappingId: number
  /** Jobs that get the outcome. */
  readonly jobIds: readonly number[]
  /** The operation that asks for it, without a job. */
  readonly operationId?: number
}

/**
 * Puts requests into the inbox. A record that waits there already gets a new `seq`, so that a page at work on it does
 * not remove the row, and gives its outcome to the jobs of both requests. Rows are taken in one order, so that two
 * requests for the same records wait for each other and never crosswise.
 */
export async function requestRecords(tx: Executor, requests: readonly PlacedRequest[]): Promise<void> {
  if (requests.length === 0) return
  const merged = groupBy(requests, ({ mappingId, direction, key }) => `${mappingId} ${direction} ${key}`)
  const rows = [...merged.values()].map(toRow)
  await tx.execute(sql`
    insert into couplet.inbox as i
      (pair_id, mapping_id, direction, key, job_ids, operation_ids, is_wanted_anyway, force, create_missing, task)
    select w.* from jsonb_to_recordset(${rowsParameter(rows)})
      as w(pair_id bigint, mapping_id bigint, direction text, key text, job_ids bigint[], operation_ids bigint[],
        is_wanted_anyway boolean, force boolean, create_missing boolean, task jsonb)
    order by w.mapping_id, w.direction, w.key
    on conflict (mapping_id, direction, key) do update set seq = nextval('couplet.inbox_seq'),
      job_ids = array(select distinct unnest(i.job_ids || excluded.job_ids) order by 1),
      operation_ids = array(select distinct unnest(i.operation_ids || excluded.operation_ids) order by 1),
      is_wanted_anyway = i.is_wanted_anyway or excluded.is_wanted_anyway,
      force = i.force or excluded.force, create_missing = i.create_missing or excluded.create_missing,
      task = coalesce(excluded.task, i.task)`)
  await releaseMemory(tx, requests)
}

/** Who asks for a new partner by hand no longer wants the record to stay uncoupled. */
async function releaseMemory(tx: Executor, requests: readonly PlacedRequest[]): Promise<void> {
  const rows = requests
    .filter(({ releases }) => releases)
    .map(({ mappingId, direction, key }) => ({ mapping_id: mappingId, direction, key }))
  if (rows.length === 0) return
  await tx.execute(sql`
    update couplet.uncoupled_pair u
    set local_released = u.local_released or w.direction = 'to', remote_released = u.remote_released or w.direction = 'from'
    from jsonb_to_recordset(${rowsParameter(rows)}) as w(mapping_id bigint, direction text, key text)
    where u.mapping_id = w.mapping_id
      and ((w.direction = 'to' and u.local_key = w.key) or (w.direction = 'from' and u.remote_key = w.key))`)
}

function toRow(same: readonly PlacedRequest[]) {
  const [first] = same
  return {
    pair_id: first?.pairId,
    mapping_id: first?.mappingId,
    direction: first?.direction,
    key: first?.key,
    job_ids: [...new Set(same.flatMap(({ jobIds }) => jobIds))],
    operation_ids: [...new Set(same.flatMap(({ operationId }) => operationId ?? []))],
    is_wanted_anyway: same.some(
      ({ jobIds, operationId }) => jobIds.length === 0 && operationId === undefined,
    ),
    force: same.some(({ force }) => force),
    create_missing: same.some(({ createMissing }) => createMissing),
    task: same.findLast(({ task }) => task)?.task ?? null,
  }
}
