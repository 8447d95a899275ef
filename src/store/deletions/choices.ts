import { and, eq, inArray, isNotNull, type SQL, sql } from 'drizzle-orm'
import { SyncError } from '../../core/errors.ts'
import type { JobDirection } from '../../core/mapping/definition.ts'
import type { HeldDeletions, KnownDeletion } from '../../core/ports/deletion-store.ts'
import { type DeletionChoice, deletionCodes } from '../../core/sync/deletion.ts'
import { deletionResolution } from '../../core/sync/issue.ts'
import { ABSENT } from '../../core/sync/ledger.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { clock, type Executor, textArray } from '../database.ts'
import { parseResolution } from '../json.ts'
import { appendAudit } from '../operations/audit.ts'
import { issue } from '../schema/issue.ts'
import { tableMapping } from '../schema/table-mapping.ts'

interface Known extends Record<string, unknown> {
  readonly key: string
  readonly held_by: string | null
  readonly resolution: unknown
}

/** A choice that an attempt was put off with stands in an issue with another code. */
export async function findKnown(
  db: Executor,
  mappingId: number,
  direction: JobDirection,
  keys: readonly RecordKey[],
): Promise<ReadonlyMap<RecordKey, KnownDeletion>> {
  if (keys.length === 0) return new Map()
  const { rows } = await db.execute<Known>(sql`
    select key, case code when 'DELETION_HELD' then job_id end as held_by,
      case resolution ->> 'kind' when 'deletion' then resolution end as resolution
    from couplet.issue
    where mapping_id = ${mappingId} and direction = ${direction} and key = any(${textArray(keys)})
      and (code = any(${textArray(deletionCodes)}) or resolution ->> 'kind' = 'deletion')`)
  return new Map(
    rows.map(({ key, held_by, resolution }) => [
      key,
      {
        heldBy: held_by === null ? null : Number(held_by),
        resolution: resolution === null ? null : deletionResolution(parseResolution(resolution)),
      },
    ]),
  )
}

const hasNoChoice = sql`i.resolution ->> 'kind' is distinct from 'deletion'`

/** Only what no choice has been stored for yet. */
const isHeldBy = (runId: number) => sql`i.code = 'DELETION_HELD' and ${hasNoChoice}
  and i.job_id in (select id from couplet.job where run_id = ${runId})`

export async function listHeld(
  db: Executor,
  runId: number,
  mappingId: number | null,
): Promise<HeldDeletions[]> {
  const { rows } = await db.execute<{ id: string; name: string; count: string }>(sql`
    select m.id, m.name, count(*) from couplet.issue i join couplet.table_mapping m on m.id = i.mapping_id
    where ${isHeldBy(runId)} and (${mappingId}::bigint is null or i.mapping_id = ${mappingId})
    group by m.id, m.name, m.position order by m.position, m.name`)
  return rows.map(({ id, name, count }) => ({
    mappingId: Number(id),
    mappingName: name,
    records: Number(count),
  }))
}

/** Bound to the set that was looked at: when it has another size by now, nothing is answered. */
export async function answerHeld(
  db: Executor,
  { runId, mappingId, expected }: { runId: number; mappingId: number; expected: number },
  choice: DeletionChoice,
  by: string,
): Promise<void> {
  const resolution = JSON.stringify({ kind: 'deletion', choice, seenVersion: null })
  const changes =
    choice === 'leave'
      ? sql`code = 'DELETED_ON_ONE_SIDE', kind = 'conflict', error_kind = 'conflict'`
      : sql`kind = 'waiting', next_attempt_at = clock_timestamp()`
  await db.transaction(async (tx) => {
    const { rowCount } = await tx.execute(sql`
      update couplet.issue i set resolution = ${resolution}::jsonb, ${changes}
      where ${isHeldBy(runId)} and i.mapping_id = ${mappingId}`)
    if (rowCount !== expected) {
      const message = `${rowCount} deletions of run ${runId} are held now, not ${expected}: look again`
      throw new SyncError('NOTHING_HELD', message, { data: { runId, held: rowCount, expected } })
    }
    const [mapping] = await tx
      .select({ name: tableMapping.name })
      .from(tableMapping)
      .where(eq(tableMapping.id, mappingId))
    await appendAudit(tx, {
      actor: by,
      action: choice === 'leave' ? 'deletions.reject' : 'deletions.approve',
      subject: `run ${runId}, mapping ${mapping?.name ?? mappingId}`,
      detail: { records: expected, choice },
    })
  })
}

/**
 * Made for the state the issue was last met in: a record that changes again is asked about again. One that was set aside is
 * not any more. An issue without a partner is about no coupling, and there is nothing to choose.
 */
export async function resolve(
  db: Executor,
  issueId: number,
  choice: DeletionChoice,
  by: string,
): Promise<{ mappingId: number; pairId: number } | null> {
  return db.transaction(async (tx) => {
    const [resolved = null] = await tx
      .update(issue)
      .set({
        nextAttemptAt: clock,
        kind: sql`case ${issue.kind} when 'skipped' then 'failed' else ${issue.kind} end`,
        repeats: 0,
        resolution: deletionChoice(choice),
      })
      .where(and(eq(issue.id, issueId), inArray(issue.code, [...deletionCodes]), isNotNull(issue.partnerKey)))
      .returning({ mappingId: issue.mappingId, pairId: issue.pairId })
    if (resolved === null) return null
    const subject = `issue ${issueId}`
    await appendAudit(tx, { actor: by, action: 'deletion.resolve', subject, detail: { choice } })
    return resolved
  })
}

/** The choice as an issue holds it. */
export function deletionChoice(choice: DeletionChoice): SQL {
  return sql`jsonb_build_object('kind', 'deletion', 'choice', ${choice}::text,
    'seenVersion', coalesce(nullif(source_version, ${ABSENT}), nullif(partner_version, ${ABSENT})))`
}
