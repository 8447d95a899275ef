import { and, asc, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import type { JobDirection } from '../../core/mapping/definition.ts'
import type { PreviewCommit } from '../../core/ports/preview-store.ts'
import type { InboxRow } from '../../core/ports/sync-store.ts'
import type { Issue } from '../../core/sync/issue.ts'
import { type Executor, rowsParameter, textArray } from '../database.ts'
import { issue } from '../schema/issue.ts'
import { previewRequest } from '../schema/preview.ts'
import { selectIssues, toIssue } from '../sync/due-work.ts'
import type { PreviewOf } from './planned-couplings.ts'

const ofPreview = ({ runId, mappingId }: PreviewOf) =>
  and(eq(previewRequest.runId, runId), eq(previewRequest.mappingId, mappingId))

export async function findAsked(
  db: Executor,
  preview: PreviewOf,
  direction: JobDirection,
  limit: number,
): Promise<InboxRow[]> {
  const rows = await db
    .select()
    .from(previewRequest)
    .where(and(ofPreview(preview), eq(previewRequest.direction, direction), isNotNull(previewRequest.jobIds)))
    .orderBy(asc(previewRequest.id))
    .limit(limit)
  return rows.map(({ id, key, jobIds, force, createMissing, task }) => ({
    id,
    seq: '0',
    direction,
    key,
    jobIds: jobIds ?? [],
    force,
    createMissing,
    task,
  }))
}

const isIssueOf = and(
  eq(issue.mappingId, previewRequest.mappingId),
  eq(issue.direction, previewRequest.direction),
  eq(issue.key, previewRequest.key),
)

/** An issue that has been solved meanwhile is none of the preview's business any more. */
export async function findDue(
  db: Executor,
  preview: PreviewOf,
  direction: JobDirection,
  limit: number,
): Promise<Issue[]> {
  const rows = await selectIssues(db)
    .innerJoin(previewRequest, isIssueOf)
    .where(and(ofPreview(preview), eq(previewRequest.direction, direction), isNull(previewRequest.jobIds)))
    .orderBy(asc(previewRequest.id))
    .limit(limit)
  return rows.map((row) => toIssue(row))
}

export async function hasDueRecords(db: Executor, { runId, mappingId }: PreviewOf): Promise<boolean> {
  const { rows } = await db.execute<{ is_due: boolean }>(sql`
    select exists (select from couplet.preview_request r
      where r.run_id = ${runId} and r.mapping_id = ${mappingId} and (r.job_ids is not null
        or exists (select from couplet.issue i
          where i.mapping_id = r.mapping_id and i.direction = r.direction and i.key = r.key))) as is_due`)
  return rows[0]?.is_due ?? false
}

export async function removeJudged(tx: Executor, commit: PreviewCommit): Promise<void> {
  const { runId, mappingId, judged, doneInbox } = commit
  const rows = [...judged, ...doneInbox]
  if (rows.length === 0) return
  await tx.execute(sql`
    delete from couplet.preview_request r
    using jsonb_to_recordset(${rowsParameter(rows)}) as w(id bigint, direction text, key text)
    where r.run_id = ${runId} and r.mapping_id = ${mappingId}
      and (r.id = w.id or (r.job_ids is null and r.direction = w.direction and r.key = w.key))`)
}

/** Issues of all mappings of the pair that wait for these references: the real run would have made them due. */
export async function addReleased(tx: Executor, { runId, pairId, releases }: PreviewCommit): Promise<void> {
  if (releases.length === 0) return
  await tx.execute(sql`
    insert into couplet.preview_request (run_id, mapping_id, direction, key, force, create_missing)
    select ${runId}, i.mapping_id, i.direction, i.key, true, i.create_missing
    from couplet.issue i where i.pair_id = ${pairId} and i.waits_for = any(${textArray(releases)})
    on conflict do nothing`)
}
