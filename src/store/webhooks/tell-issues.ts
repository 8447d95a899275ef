import { sql } from 'drizzle-orm'
import type { PageCommit } from '../../core/ports/sync-store.ts'
import { type IssuePlace, type IssueTrace, issueEvents } from '../../core/webhooks/issue-events.ts'
import { type Executor, textArray } from '../database.ts'
import { tell } from './tell.ts'

type Touched = Pick<PageCommit, 'mappingId' | 'openIssues' | 'closeIssues'>

/**
 * Does what changes the issues of a page, and writes down what others want to know of it. Where nobody does, it costs one look at
 * the few endpoints there are, and only pages that touch issues take it.
 */
export async function tellingIssues(
  tx: Executor,
  commit: Touched,
  change: () => Promise<void>,
): Promise<void> {
  const place = await findWatchedPlace(tx, commit)
  if (place === null) return change()
  const before = await readTraces(tx, commit)
  await change()
  for (const event of issueEvents(place, before, await readTraces(tx, commit))) await tell(tx, event)
}

/** Names of the mapping and its pair; null: nobody wants to know what becomes of its issues. */
async function findWatchedPlace(
  tx: Executor,
  { mappingId, openIssues, closeIssues }: Touched,
): Promise<IssuePlace | null> {
  if (openIssues.length + closeIssues.length === 0) return null
  const { rows } = await tx.execute<IssuePlace & Record<string, unknown>>(sql`
    select p.name as pair, m.name as mapping from couplet.table_mapping m join couplet.pair p on p.id = m.pair_id
    where m.id = ${mappingId} and exists (select from couplet.webhook_endpoint e
      where e.enabled and e.events && '{conflict.opened,issue.opened,issue.closed}'
        and (e.pair_name is null or e.pair_name = p.name) and (e.mapping_names = '{}' or m.name = any(e.mapping_names)))`)
  return rows[0] ?? null
}

/**
 * Issues of the records of the page, and conflicts that stand under their partners: looked up one by one (OFFSET 0), because a page
 * must not read all issues of a mapping that has a hundred thousand.
 */
async function readTraces(
  tx: Executor,
  { mappingId, openIssues, closeIssues }: Touched,
): Promise<readonly IssueTrace[]> {
  const touched = [...openIssues, ...closeIssues]
  const { rows } = await tx.execute<IssueTrace & Record<string, unknown>>(sql`
    with touched as (
      select distinct * from unnest(${textArray(touched.map(({ direction }) => direction))},
        ${textArray(touched.map(({ key }) => key))}) as w(direction, key)
    ), found as (
      select i.id from touched w cross join lateral (select id from couplet.issue
        where mapping_id = ${mappingId} and direction = w.direction and key = w.key offset 0) i
      union
      select i.id from touched w cross join lateral (select id from couplet.issue
        where mapping_id = ${mappingId} and partner_key = w.key and direction <> w.direction and kind = 'conflict' offset 0) i
    )
    select i.direction, i.key, i.partner_key as "partnerKey", i.kind, i.code, i.field
    from found cross join lateral (select * from couplet.issue where id = found.id offset 0) i order by i.id`)
  return rows.map(({ direction, key, partnerKey, kind, code, field }) => ({
    direction,
    key,
    partnerKey,
    kind,
    code,
    field,
  }))
}
