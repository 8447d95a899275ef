import { sql } from 'drizzle-orm'
import type { JobDirection } from '../../core/mapping/definition.ts'
import type { SyncStore } from '../../core/ports/sync-store.ts'
import type { IssueKind } from '../../core/sync/issue.ts'
import type { KnownIssue } from '../../core/sync/ledger.ts'
import { type Executor, textArray } from '../database.ts'
import { toErrorCode } from './due-work.ts'

interface Row extends Record<string, unknown> {
  readonly direction: JobDirection
  readonly key: string
  readonly kind: IssueKind
  readonly code: string
  readonly field: string | null
  readonly repeats: number
  readonly create_missing: boolean
  readonly source_version: string | null
  readonly partner_version: string | null
  readonly mapping_version: number
  readonly configuration: string
}

export async function findIssues(
  db: Executor,
  mappingId: number,
  keys: Parameters<SyncStore['findIssues']>[1],
): Promise<KnownIssue[]> {
  const ofDirection = (direction: JobDirection) => sql`
    select direction, key, kind, code, field, repeats, create_missing, source_version, partner_version,
      mapping_version, configuration
    from couplet.issue
    where mapping_id = ${mappingId} and direction = ${direction} and key = any(${textArray(keys[direction])})`
  const { rows } = await db.execute<Row>(sql`${ofDirection('to')} union all ${ofDirection('from')}`)
  return rows.map((row) => ({
    direction: row.direction,
    key: row.key,
    kind: row.kind,
    code: toErrorCode(row.code),
    field: row.field,
    repeats: row.repeats,
    createMissing: row.create_missing,
    sourceVersion: row.source_version,
    partnerVersion: row.partner_version,
    mappingVersion: row.mapping_version,
    configuration: row.configuration,
  }))
}

/** The rows take over what they are judged by now, so that each is released once. */
export async function releaseOutdated(
  db: Executor,
  mappingId: number,
  { mappingVersion, configuration }: Parameters<SyncStore['releaseOutdated']>[1],
  { limit, fromMs, toMs }: Parameters<SyncStore['releaseOutdated']>[2],
): Promise<number> {
  const { rowCount } = await db.execute(sql`
    with outdated as (
      select id from couplet.issue
      where mapping_id = ${mappingId}
        and (mapping_version <> ${mappingVersion} or configuration <> ${configuration})
      limit ${limit} for no key update skip locked
    )
    update couplet.issue i set kind = case i.kind when 'skipped' then 'failed' else i.kind end, repeats = 0, parked_by = null, parked_reason = null,
      mapping_version = ${mappingVersion}, configuration = ${configuration},
      next_attempt_at = clock_timestamp()
        + (${fromMs}::float8 + random() * (${toMs}::float8 - ${fromMs}::float8)) * interval '1 millisecond'
    from outdated where i.id = outdated.id`)
  return rowCount ?? 0
}
