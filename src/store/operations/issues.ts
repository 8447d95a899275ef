import {
  and,
  asc,
  count,
  desc,
  eq,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  not,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { CountedGroup, IssueCount, OperationsStore } from '../../core/ports/operations-store.ts'
import { deletionCodes } from '../../core/sync/deletion.ts'
import type { Issue, IssueFilter } from '../../core/sync/issue.ts'
import { type Executor, isAnyOf } from '../database.ts'
import { issue } from '../schema/issue.ts'
import { tableMapping } from '../schema/table-mapping.ts'
import { selectIssues, toIssue } from '../sync/due-work.ts'

/** Nothing tries it again by itself. */
const stopped = sql`(${issue.kind} = 'skipped' or (${issue.kind} = 'failed' and ${issue.nextAttemptAt} is null))`

/** `couplet.issue` joined with its mapping is taken for granted. */
export function meant(filter: IssueFilter): (SQL | undefined)[] {
  const given = <T>(value: T | null | undefined, condition: (value: T) => SQL): SQL | undefined =>
    value === null || value === undefined ? undefined : condition(value)
  return [
    given(filter.ids, (ids) => inArray(issue.id, [...ids])),
    given(filter.pairId, (pairId) => eq(issue.pairId, pairId)),
    given(filter.mapping, (name) => eq(tableMapping.name, name)),
    given(filter.kind, (kind) => eq(issue.kind, kind)),
    given(filter.code, (code) => eq(issue.code, code)),
    given(filter.field, (field) => eq(issue.field, field)),
    given(
      filter.group,
      ({ mappingId, code, field }) =>
        and(
          eq(issue.mappingId, mappingId),
          eq(issue.code, code),
          field === null ? isNull(issue.field) : eq(issue.field, field),
        ) as SQL,
    ),
    given(filter.isStopped, (isStopped) => eq(stopped, isStopped)),
    given(filter.isAboutDeletion, (isAboutDeletion) =>
      isAboutDeletion
        ? (and(isAnyOf(issue.code, deletionCodes), isNotNull(issue.partnerKey)) as SQL)
        : (or(not(isAnyOf(issue.code, deletionCodes)), isNull(issue.partnerKey)) as SQL),
    ),
    given(filter.alikeTo, isAlikeTo),
    given(filter.since, (since) => gte(issue.lastAt, since)),
    given(filter.until, (until) => lt(issue.lastAt, until)),
  ]
}

/** The fields of a conflict, whatever their order. */
const fieldsOf = (conflicts: SQL) => sql`(
  select jsonb_agg(jsonb_build_array(c -> 'local' -> 'field', c -> 'remote' -> 'field')
    order by c #>> '{local,field}', c #>> '{remote,field}')
  from jsonb_array_elements(${conflicts}) c)`

function isAlikeTo(issueId: number): SQL {
  return sql`exists (select from couplet.issue o
    where o.id = ${issueId} and o.id <> ${issue.id} and o.mapping_id = ${issue.mappingId} and o.code = ${issue.code}
      and ${fieldsOf(sql`o.conflicts`)} = ${fieldsOf(sql`${issue.conflicts}`)})`
}

/** Newest first. */
export async function listIssues(
  db: Executor,
  { limit, before, ...filter }: Parameters<OperationsStore['listIssues']>[0],
): Promise<Issue[]> {
  const rows = await selectIssues(db)
    .where(and(...meant(filter), before === null ? undefined : lt(issue.id, before)))
    .orderBy(desc(issue.id))
    .limit(limit)
  return rows.map(toIssue)
}

export async function countIssues(db: Executor, filter: IssueFilter): Promise<IssueCount[]> {
  return db
    .select({
      mappingId: issue.mappingId,
      mapping: tableMapping.name,
      kind: issue.kind,
      issues: count(),
    })
    .from(issue)
    .innerJoin(tableMapping, eq(tableMapping.id, issue.mappingId))
    .where(and(...meant(filter)))
    .groupBy(issue.mappingId, tableMapping.name, issue.kind)
    .orderBy(asc(tableMapping.name), asc(issue.mappingId), asc(issue.kind))
}

export function listIssueGroups(db: Executor, filter: IssueFilter, limit: number): Promise<CountedGroup[]> {
  const issues = count()
  return db
    .select({
      mappingId: issue.mappingId,
      mapping: tableMapping.name,
      code: issue.code,
      field: issue.field,
      issues,
      stopped: sql<number>`(count(*) filter (where ${stopped}))::int`,
      message: sql<string>`min(${issue.message})`,
      firstAt: sql<string>`min(${issue.firstAt})`.mapWith(issue.firstAt),
      lastAt: sql<string>`max(${issue.lastAt})`.mapWith(issue.lastAt),
    })
    .from(issue)
    .innerJoin(tableMapping, eq(tableMapping.id, issue.mappingId))
    .where(and(...meant(filter)))
    .groupBy(issue.mappingId, tableMapping.name, issue.code, issue.field)
    .orderBy(desc(issues), asc(tableMapping.name), asc(issue.code), asc(issue.field))
    .limit(limit)
}
