import { sql } from 'drizzle-orm'
import type { JobDirection, Side } from '../../../core/mapping/definition.ts'
import { sourceSide } from '../../../core/mapping/definition.ts'
import type { PageCommit } from '../../../core/ports/sync-store.ts'
import { deletionCodes } from '../../../core/sync/deletion.ts'
import type { IssueWrite } from '../../../core/sync/issue.ts'
import { indexBy } from '../../../lib/group.ts'
import { type Executor, rowsParameter, textArray } from '../../database.ts'
import { lockReferences } from './reference-locks.ts'
import { mappingOfReference, splitReferenceName } from './reference-name.ts'

/** What is solved goes, what stays is met, what is wrong comes, and what waited for this page becomes due: in this order. */
export async function commitIssues(tx: Executor, commit: PageCommit): Promise<void> {
  const issues = [...indexBy(commit.openIssues, ({ direction, key }) => `${direction} ${key}`).values()]
  await lockReferences(tx, commit.pairId, {
    waitedFor: issues.flatMap(({ waitsFor }) => (waitsFor === null ? [] : [mappingOfReference(waitsFor)])),
    released: commit.releases.map(mappingOfReference),
  })
  await closeIssues(tx, commit)
  await meetIssues(tx, commit)
  await endResolutions(tx, commit, issues)
  await openIssues(tx, commit, issues)
  for (const direction of ['to', 'from'] as const) {
    await markCouplings(tx, commit, direction, issues)
  }
  await releaseIssues(tx, commit)
}

/**
 * A conflict that is over on one side – somebody has put the old value back, or has decided for the other side – leaves an
 * edit on the other one: its issue turns there and is due at once, with what was decided. Where it stands under the other
 * side already, it is looked at again.
 */
async function closeIssues(tx: Executor, { mappingId, closeIssues: solved }: PageCommit): Promise<void> {
  if (solved.length === 0) return
  await tx.execute(sql`
    with solved as (
      select * from unnest(${textArray(solved.map(({ direction }) => direction))},
        ${textArray(solved.map(({ key }) => key))}) as w(direction, key)
    ), closed as (
      delete from couplet.issue i using solved w
      where i.mapping_id = ${mappingId} and i.direction = w.direction and i.key = w.key
      returning i.*
    ), turned as (
      insert into couplet.issue as i (pair_id, mapping_id, direction, key, partner_key, kind, code, error_kind, field,
        value, message, waits_for, conflicts, resolution, create_missing, repeats, source_version, partner_version,
        mapping_version, configuration, attempts, job_id, first_at, last_at, next_attempt_at)
      select c.pair_id, c.mapping_id, case c.direction when 'to' then 'from' else 'to' end, c.partner_key, c.key, c.kind,
        c.code, c.error_kind, c.field, c.value, c.message, c.waits_for, c.conflicts, c.resolution, c.create_missing, c.repeats,
        c.partner_version, c.source_version, c.mapping_version, c.configuration, c.attempts, c.job_id, c.first_at, c.last_at, clock_timestamp()
      from closed c
      where c.kind = 'conflict' and c.code = 'CONFLICT_BOTH_CHANGED' and c.partner_key is not null
        and not exists (select from solved w where w.direction <> c.direction and w.key = c.partner_key)
      order by c.direction, c.partner_key
      on conflict (mapping_id, direction, key) do update set next_attempt_at = excluded.next_attempt_at,
        resolution = coalesce(excluded.resolution, i.resolution)
    )
    update couplet.issue i set next_attempt_at = clock_timestamp()
    from solved w
    where i.kind = 'conflict' and i.code = 'CONFLICT_BOTH_CHANGED' and i.mapping_id = ${mappingId} and i.partner_key = w.key and i.direction <> w.direction
      and not exists (select from solved v where v.direction = i.direction and v.key = i.key)
      and not exists (select from closed c where c.kind = 'conflict' and c.code = 'CONFLICT_BOTH_CHANGED'
        and c.direction = w.direction and c.key = w.key)`)
}

/** In one order, like all statements that take several of these rows. */
async function meetIssues(tx: Executor, { mappingId, metIssues: met }: PageCommit): Promise<void> {
  if (met.length === 0) return
  const rows = met.map(({ direction, key, jobId, isReleased }) => ({
    direction,
    key,
    job_id: jobId,
    is_released: isReleased,
  }))
  await tx.execute(sql`
    with met as (
      select i.id, w.job_id, w.is_released from couplet.issue i
      join jsonb_to_recordset(${rowsParameter(rows)})
        as w(direction text, key text, job_id bigint, is_released boolean) using (direction, key)
      where i.mapping_id = ${mappingId}
      order by i.direction, i.key for no key update of i
    )
    update couplet.issue i set job_id = w.job_id,
      kind = case when w.is_released and i.kind = 'skipped' then 'failed' else i.kind end,
      repeats = case when w.is_released then 0 else i.repeats end,
      parked_by = case when not w.is_released then i.parked_by end,
      parked_reason = case when not w.is_released then i.parked_reason end,
      next_attempt_at = case when w.is_released then clock_timestamp() else i.next_attempt_at end
    from met w where i.id = w.id`)
}

function toRow(issue: IssueWrite) {
  const waitsFor = issue.waitsFor === null ? null : splitReferenceName(issue.waitsFor)
  return {
    direction: issue.direction,
    key: issue.key,
    partner_key: issue.partnerKey,
    kind: issue.kind,
    code: issue.code,
    error_kind: issue.errorKind,
    field: issue.field,
    value: issue.value,
    message: issue.message,
    waits_for: issue.waitsFor,
    waits_mapping: waitsFor?.mapping ?? null,
    waits_side: waitsFor?.side ?? null,
    waits_reference: waitsFor?.reference ?? null,
    conflicts: issue.conflicts,
    create_missing: issue.createMissing,
    job_id: issue.jobId,
    resolution: issue.chosen,
    retry_in_ms: issue.retryInMs,
    is_attempt: issue.isAttempt,
    repeats: issue.repeats,
    source_version: issue.sourceVersion,
    partner_version: issue.partnerVersion,
    mapping_version: issue.mappingVersion,
    configuration: issue.configuration,
    answers: issue.answers,
  }
}

/** A decision that has been tried and has met a conflict all the same was made for other values: it is asked again. */
async function endResolutions(
  tx: Executor,
  { mappingId }: PageCommit,
  issues: readonly IssueWrite[],
): Promise<void> {
  const tried = issues.filter(({ kind, answers }) => kind === 'conflict' && answers !== null)
  if (tried.length === 0) return
  await tx.execute(sql`
    update couplet.issue i set resolution = null
    from jsonb_to_recordset(${rowsParameter(tried.map(toRow))}) as w(key text, partner_key text, answers text)
    where i.mapping_id = ${mappingId} and i.resolution ->> 'id' = w.answers and i.key in (w.key, w.partner_key)`)
}

/**
 * A choice about a deletion stays as long as it can be carried out: also over an attempt that was put off. One that was stored while a page
 * was at the record has not been seen by it, and the issue is due again at once.
 */
const isChoice = sql`i.resolution ->> 'kind' = 'deletion'`
const keepsChoice = sql`(excluded.resolution is not null
  or excluded.code = any(${textArray(deletionCodes)}))`

/**
 * A conflict that has been decided meanwhile stays due, whoever meets it without knowing of the decision.
 * An issue whose reference has been coupled since the page looked is due at once. The look at the couplings is part
 * of the statement and comes after `lockReferences`, so nothing can be committed unseen. What was only read once more
 * adds no attempt, and stays due when it was.
 */
async function openIssues(
  tx: Executor,
  { pairId, mappingId }: PageCommit,
  issues: readonly IssueWrite[],
): Promise<void> {
  if (issues.length === 0) return
  await tx.execute(sql`
    insert into couplet.issue as i (pair_id, mapping_id, direction, key, partner_key, kind, code, error_kind, field,
      value, message, waits_for, conflicts, resolution, create_missing, job_id, repeats, source_version, partner_version,
      mapping_version, configuration, attempts, first_at, last_at, next_attempt_at)
    select ${pairId}, ${mappingId}, w.direction, w.key, w.partner_key, w.kind, w.code, w.error_kind, w.field,
      w.value, w.message, w.waits_for, w.conflicts, nullif(w.resolution, 'null'), w.create_missing, w.job_id, w.repeats, w.source_version,
      w.partner_version, w.mapping_version, w.configuration, w.is_attempt::int, clock_timestamp(), clock_timestamp(),
      case when (w.waits_side = 'local' and exists (select from couplet.coupling c
          where c.mapping_id = m.id and c.local_reference = w.waits_reference))
        or (w.waits_side = 'remote' and exists (select from couplet.coupling c
          where c.mapping_id = m.id and c.remote_reference = w.waits_reference))
        then clock_timestamp() else clock_timestamp() + w.retry_in_ms * interval '1 millisecond' end
    from jsonb_to_recordset(${rowsParameter(issues.map(toRow))}) as w(direction text, key text, partner_key text,
      kind text, code text, error_kind text, field text, value text, message text, waits_for text,
      waits_mapping text, waits_side text, waits_reference text, conflicts jsonb, create_missing boolean, job_id bigint,
      retry_in_ms double precision, is_attempt boolean, repeats integer, source_version text, partner_version text,
      mapping_version integer, configuration text, resolution jsonb)
    left join couplet.table_mapping m on m.pair_id = ${pairId} and m.name = w.waits_mapping
    order by w.direction, w.key
    on conflict (mapping_id, direction, key) do update set partner_key = excluded.partner_key,
      kind = case excluded.attempts when 0 then i.kind else excluded.kind end, code = excluded.code, error_kind = excluded.error_kind, field = excluded.field,
      value = excluded.value, message = excluded.message, waits_for = excluded.waits_for,
      conflicts = excluded.conflicts,
      resolution = case when ${isChoice} and not ${keepsChoice} then null else i.resolution end,
      create_missing = i.create_missing or excluded.create_missing, job_id = excluded.job_id,
      source_version = excluded.source_version, partner_version = excluded.partner_version,
      mapping_version = excluded.mapping_version, configuration = excluded.configuration,
      attempts = i.attempts + excluded.attempts, last_at = excluded.last_at,
      repeats = case excluded.attempts when 0 then i.repeats else excluded.repeats end,
      parked_by = case excluded.attempts when 0 then i.parked_by end,
      parked_reason = case excluded.attempts when 0 then i.parked_reason end,
      next_attempt_at = case
        when excluded.kind = 'conflict' and i.resolution ->> 'kind' = 'conflict' then clock_timestamp()
        when ${isChoice} and ${keepsChoice} and i.resolution is distinct from excluded.resolution then clock_timestamp()
        when excluded.attempts = 0 then coalesce(excluded.next_attempt_at, i.next_attempt_at)
        else excluded.next_attempt_at end`)
}

/** A coupled record that did not succeed shows it in its coupling, per direction (domain.md §2.3). */
async function markCouplings(
  tx: Executor,
  { mappingId }: PageCommit,
  direction: JobDirection,
  issues: readonly IssueWrite[],
): Promise<void> {
  const ofDirection = issues.filter((issue) => issue.direction === direction)
  if (ofDirection.length === 0) return
  const side: Side = sourceSide[direction]
  const last = (name: string) => sql.raw(`last_${direction}_${name}`)
  await tx.execute(sql`
    update couplet.coupling c
    set ${last('result')} = w.kind, ${last('job_id')} = w.job_id, ${last('at')} = clock_timestamp()
    from couplet.table_mapping m, jsonb_to_recordset(${rowsParameter(ofDirection.map(toRow))})
      as w(key text, kind text, job_id bigint)
    where m.id = ${mappingId} and c.mapping_id = m.id
      and c.${sql.raw(side)}_key = w.key and c.${sql.raw(side)}_group = m.${sql.raw(side)}_group`)
}

/** Rows that another commit holds are passed over: it is about to close them or to open them anew (reference-locks.ts). */
async function releaseIssues(tx: Executor, { pairId, releases }: PageCommit): Promise<void> {
  if (releases.length === 0) return
  await tx.execute(sql`
    with due as (
      select id from couplet.issue
      where waits_for = any(${textArray(releases)}) and pair_id = ${pairId} and kind <> 'skipped'
      for no key update skip locked)
    update couplet.issue i set next_attempt_at = clock_timestamp() from due where i.id = due.id`)
}
