import { type SQL, sql } from 'drizzle-orm'
import type { BulkOperation } from '../../core/bulk/operation.ts'
import type { BulkDecision } from '../../core/ports/bulk-store.ts'
import { deletionCodes } from '../../core/sync/deletion.ts'
import { type Executor, rowsParameter, textArray } from '../database.ts'
import { deletionChoice } from '../deletions/choices.ts'

type Applied = Extract<BulkDecision, { verdict: 'apply' }>

/** busy: a page holds the issue at this moment. changed: it is not what was decided about any more. */
export type IssueResult = 'done' | 'busy' | 'changed'

interface Row extends Record<string, unknown> {
  readonly id: string
  readonly is_done: boolean
  readonly is_meant: boolean
}

/**
 * One statement for all issues of a chunk; by issue, what has become of it. A page commit takes issues in another order:
 * who waits for its rows here could wait crosswise (SKIP LOCKED).
 */
export async function changeIssues(
  tx: Executor,
  operation: BulkOperation,
  applied: readonly Applied[],
): Promise<ReadonlyMap<number, IssueResult>> {
  const rows = applied.map(({ record: { subjectId, seen }, resolution }) => ({
    id: subjectId,
    ...seen,
    resolution,
  }))
  const isMeant = sql`i.code = g.code and i.field is not distinct from g.field and ${isStillFor(operation)}`
  const result = await tx.execute<Row>(sql`
    with given as materialized (
      select * from jsonb_to_recordset(${rowsParameter(rows)})
        as w(id bigint, code text, field text, attempts int, resolution jsonb)),
    free as materialized (
      select i.id from couplet.issue i join given g on g.id = i.id where ${isMeant}
      order by i.mapping_id, i.direction, i.key for no key update of i skip locked),
    changed as (
      update couplet.issue i set ${changesOf(operation)} from free join given g on g.id = free.id
      where i.id = free.id returning i.id)
    select g.id, changed.id is not null as is_done,
      exists (select from couplet.issue i where i.id = g.id and ${isMeant}) as is_meant
    from given g left join changed on changed.id = g.id`)
  return new Map(
    result.rows.map(({ id, is_done, is_meant }) => [
      Number(id),
      is_done ? 'done' : is_meant ? 'busy' : 'changed',
    ]),
  )
}

/** What has to be so besides the same code and field (`refuseIssue` in core). */
function isStillFor({ task }: BulkOperation): SQL {
  if (task.kind === 'unskip') return sql`i.kind = 'skipped'`
  if (task.kind === 'resolve') return sql`i.kind = 'conflict' and i.attempts = g.attempts`
  if (task.kind === 'resolve-deletion')
    return sql`i.attempts = g.attempts and i.partner_key is not null and i.code = any(${textArray(deletionCodes)})`
  return sql`true`
}

function changesOf({ task, requestedBy, reason }: BulkOperation): SQL {
  const isDue = sql`next_attempt_at = clock_timestamp()`
  const isReleased = sql`kind = case i.kind when 'skipped' then 'failed' else i.kind end, repeats = 0, ${isDue}`
  switch (task.kind) {
    case 'skip':
      return sql`kind = 'skipped', next_attempt_at = null, parked_by = ${requestedBy}, parked_reason = ${reason}`
    case 'resolve':
      return sql`resolution = g.resolution, ${isDue}`
    case 'resolve-deletion':
      return sql`resolution = ${deletionChoice(task.choice)}, ${isReleased}`
    default:
      return sql`${isReleased}, parked_by = null, parked_reason = null`
  }
}
