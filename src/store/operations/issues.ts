import { and, asc, count, desc, eq, gte, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { Act } from '../../core/ports/act.ts'
import type {
  CountedGroup,
  IssueCount,
  IssuePage,
  OperationsStore,
} from '../../core/ports/operations-store.ts'
import type { Issue, IssueFilter } from '../../core/sync/issue.ts'
import type { Executor } from '../database.ts'
import { issue } from '../schema/issue.ts'
import { tableMapping } from '../schema/table-mapping.ts'
import { selectIssues, toIssue } from '../sync/due-work.ts'

/** Nothing tries it again by itself. */
const stopped = sql`(${issue.kind} = 'skipped' or (${issue.kind} = 'failed' and ${issue.nextAttemptAt} is null))`

/** `couplet.issue` joined with its mapping is taken for granted. */
function meant(filter: IssueFilter): (SQL | undefined)[] {
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
    given(filter.since, (since) => gte(issue.lastAt, since)),
    given(filter.until, (until) => lt(issue.lastAt, until)),
  ]
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

type Page = Parameters<OperationsStore['skipIssues']>[1]

export function releaseIssues(db: Executor, filter: IssueFilter, page: Page): Promise<IssuePage> {
  const release = sql`kind = case i.kind when 'skipped' then 'failed' else i.kind end, repeats = 0,
    next_attempt_at = clock_timestamp(), parked_by = null, parked_reason = null`
  return changeIssues(db, filter, page, release)
}

export function skipIssues(db: Executor, filter: IssueFilter, page: Page, act: Act): Promise<IssuePage> {
  const park = sql`kind = 'skipped', next_attempt_at = null, parked_by = ${act.by}, parked_reason = ${act.reason}`
  return changeIssues(db, filter, page, park)
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

interface Changed extends Record<string, unknown> {
  readonly id: string
  readonly is_changed: boolean
}

/** A page commit takes issues in another order: who waits for its rows here could wait crosswise (SKIP LOCKED). */
async function changeIssues(
  db: Executor,
  filter: IssueFilter,
  { after, limit }: Page,
  change: SQL,
): Promise<IssuePage> {
  const page = db
    .select({ id: issue.id })
    .from(issue)
    .innerJoin(tableMapping, eq(tableMapping.id, issue.mappingId))
    .where(and(...meant(filter), sql`${issue.id} > ${after}`))
    .orderBy(asc(issue.id))
    .limit(limit)
  const { rows } = await db.execute<Changed>(sql`
    with page as materialized (${page}),
    free as materialized (
      select i.id from couplet.issue i where i.id in (select id from page) for no key update skip locked),
    changed as (update couplet.issue i set ${change} from free where i.id = free.id returning i.id)
    select page.id, changed.id is not null as is_changed from page left join changed using (id) order by page.id`)
  const passedOver = rows.filter((row) => !row.is_changed).map(({ id }) => Number(id))
  const last = rows.length < limit ? undefined : rows.at(-1)
  return {
    changed: rows.length - passedOver.length,
    passedOver,
    next: last === undefined ? null : Number(last.id),
  }
}
