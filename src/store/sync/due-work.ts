import { and, asc, eq, getTableColumns, inArray, lte, or, type SQL, sql } from 'drizzle-orm'
import { type ErrorCode, errorCodes } from '../../core/errors.ts'
import type { JobDirection } from '../../core/mapping/definition.ts'
import type { AskedIssues, InboxRow, OpenIntent } from '../../core/ports/sync-store.ts'
import type { DeletionAnswers } from '../../core/sync/deletion.ts'
import { type ConflictResolution, conflictResolution, type Issue } from '../../core/sync/issue.ts'
import { clock, clockOnce, type Executor, isAnyOf, textArray } from '../database.ts'
import { parseResolution } from '../json.ts'
import { inbox } from '../schema/inbox.ts'
import { issue } from '../schema/issue.ts'
import { pageIntent } from '../schema/page-intent.ts'
import { tableMapping } from '../schema/table-mapping.ts'

export async function findOpenIntents(db: Executor, mappingId: number): Promise<OpenIntent[]> {
  return db
    .select({
      id: pageIntent.id,
      direction: pageIntent.direction,
      jobId: pageIntent.jobId,
      writes: pageIntent.writes,
      settledOnce: pageIntent.settledOnce,
      isPast: sql<boolean>`${pageIntent.deadlineAt} <= ${clock}`,
      openedAt: pageIntent.openedAt,
      searchFrom: pageIntent.searchFrom,
    })
    .from(pageIntent)
    .where(eq(pageIntent.mappingId, mappingId))
    .orderBy(asc(pageIntent.id))
}

export async function findInbox(
  db: Executor,
  mappingId: number,
  direction: JobDirection,
  limit: number,
): Promise<InboxRow[]> {
  return db
    .select({
      id: inbox.id,
      seq: sql<string>`${inbox.seq}::text`,
      direction: inbox.direction,
      key: inbox.key,
      jobIds: inbox.jobIds,
      force: inbox.force,
      createMissing: inbox.createMissing,
      task: inbox.task,
    })
    .from(inbox)
    .where(and(eq(inbox.mappingId, mappingId), eq(inbox.direction, direction)))
    .orderBy(asc(inbox.seq))
    .limit(limit)
}

/** Issues with the names of their mappings, to be narrowed by the caller. */
export function selectIssues(db: Executor) {
  return db
    .select({ ...getTableColumns(issue), mappingName: tableMapping.name })
    .from(issue)
    .innerJoin(tableMapping, eq(tableMapping.id, issue.mappingId))
    .$dynamic()
}

export function toIssue(row: Awaited<ReturnType<typeof selectIssues>>[number]): Issue {
  const { code, ...rest } = row
  return { ...rest, code: toErrorCode(code) }
}

/** A code that a newer version has stored reads as INTERNAL; nothing depends on it but what is shown. */
export function toErrorCode(code: string): ErrorCode {
  return Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'INTERNAL'
}

export async function findDueIssues(
  db: Executor,
  mappingId: number,
  direction: JobDirection,
  limit: number,
  asked: AskedIssues | null = null,
): Promise<Issue[]> {
  const rows = await selectIssues(db)
    .where(
      and(
        eq(issue.mappingId, mappingId),
        eq(issue.direction, direction),
        lte(issue.nextAttemptAt, clockOnce),
        asked === null ? undefined : isAsked(asked),
      ),
    )
    .orderBy(asc(issue.nextAttemptAt))
    .limit(limit)
  return rows.map(toIssue)
}

function isAsked({ jobIds, operationId, answers, keys }: AskedIssues): SQL | undefined {
  const done = (columns: SQL) => sql`(select ${columns}
    from couplet.bulk_record b join couplet.bulk_operation o on o.id = b.operation_id
    where b.operation_id = ${operationId} and b.state = 'done' and o.selection ->> 'of' = 'issues')`
  // One decided for the other side turns there, under a new number.
  const ofOperation = sql`(${issue.id} in ${done(sql`b.subject_id`)}
    or (${issue.mappingId}, ${issue.key}, ${issue.partnerKey}) in ${done(sql`b.mapping_id, b.partner_key, b.key`)})`
  return or(
    inArray(issue.jobId, [...jobIds]),
    isAnyOf(issue.key, keys),
    operationId === null ? undefined : ofOperation,
    answers === null ? undefined : isAnsweredBy(answers),
  )
}

function isAnsweredBy(answers: DeletionAnswers): SQL {
  if ('issueId' in answers) return eq(issue.id, answers.issueId)
  return sql`(${issue.resolution} ->> 'kind' = 'deletion'
    and ${issue.jobId} in (select id from couplet.job where run_id = ${answers.heldInRun}))`
}

export async function findResolutions(
  db: Executor,
  mappingId: number,
  direction: JobDirection,
  keys: readonly string[],
): Promise<ReadonlyMap<string, ConflictResolution>> {
  const { rows } = await db.execute<{ key: string; resolution: unknown }>(sql`
    select key, resolution from couplet.issue
    where mapping_id = ${mappingId} and direction = ${direction} and key = any(${textArray(keys)})
      and resolution ->> 'kind' = 'conflict'`)
  return new Map(
    rows.flatMap(({ key, resolution }) => {
      const decided = conflictResolution(parseResolution(resolution))
      return decided ? [[key, decided]] : []
    }),
  )
}

/** Said although there are no others: the index of due issues has the direction before the time. */
export const isOfAnyDirection = sql`direction = any('{to,from}')`

export async function hasDueWork(db: Executor, mappingId: number): Promise<boolean> {
  const { rows } = await db.execute<{ is_due: boolean }>(sql`
    select exists (select from couplet.inbox where mapping_id = ${mappingId})
      or exists (select from couplet.issue
        where mapping_id = ${mappingId} and ${isOfAnyDirection} and next_attempt_at <= ${clockOnce})
      or exists (select from couplet.page_intent
        where mapping_id = ${mappingId} and deadline_at <= ${clockOnce}) as is_due`)
  return rows[0]?.is_due ?? false
}
