import { and, eq, isNull, sql } from 'drizzle-orm'
import { type BulkOperation, type BulkSelection, briefSelection } from '../../core/bulk/operation.ts'
import { SyncError } from '../../core/errors.ts'
import type { BulkStore, NewBulkOperation } from '../../core/ports/bulk-store.ts'
import { withoutValues } from '../../core/sync/choose-values.ts'
import { present } from '../../lib/assert.ts'
import { type Executor, idArray } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { bulkOperation } from '../schema/bulk-operation.ts'
import { toOperation } from './read.ts'
import { selectedRows } from './selected.ts'

/**
 * The unique index decides between two equal requests at one moment: the later insert waits for the earlier one, and finds
 * what it has made.
 */
export async function start(db: Executor, request: NewBulkOperation): ReturnType<BulkStore['start']> {
  return db.transaction(async (tx) => {
    const [inserted] = await tx
      .insert(bulkOperation)
      .values({ ...request, ...scopeOf(request.selection), kind: request.task.kind })
      .onConflictDoNothing()
      .returning({ id: bulkOperation.id })
    if (inserted === undefined)
      return { operation: present(await findSame(tx, request), 'operation of the key'), created: false }
    const staged = await stage(tx, inserted.id, request.selection)
    refuseOther(request, staged)
    const { selected, unknown: refused } = staged
    const [row] = await tx
      .update(bulkOperation)
      .set({ selected, refused })
      .where(eq(bulkOperation.id, inserted.id))
      .returning()
    await appendAudit(tx, {
      actor: request.requestedBy,
      action: 'operation.start',
      subject: `operation ${inserted.id}`,
      reason: request.reason,
      detail: { task: nameTask(request), selection: briefSelection(request.selection), selected },
    })
    return { operation: toOperation(present(row, 'operation')), created: true }
  })
}

/** The pair and the mapping that a selection is limited to. */
function scopeOf({ filter }: BulkSelection): Pick<BulkOperation, 'pairId' | 'mapping'> {
  return { pairId: filter.pairId ?? null, mapping: filter.mapping ?? null }
}

function nameTask({ task }: NewBulkOperation): object {
  if (task.kind !== 'resolve') return task
  const { kind, all, fields } = task
  return { kind, ...withoutValues({ all, byField: new Map(Object.entries(fields)) }) }
}

interface Staged {
  readonly selected: number
  readonly unknown: number
}

/** Records are numbered in the order in which pages lock them. A number that names nothing is refused here. */
async function stage(tx: Executor, operationId: number, selection: BulkSelection): Promise<Staged> {
  const { ids } = selection.filter
  const rows = sql`(${selectedRows(tx, selection)})`
  const source =
    ids == null
      ? sql`${rows} s`
      : sql`(select distinct unnest(${idArray(ids)}) as asked) a left join ${rows} s on s.id = a.asked`
  const subject = ids == null ? sql`s.id` : sql`a.asked`
  const { rows: states } = await tx.execute<{ state: string; records: number }>(sql`
    with staged as (
      insert into couplet.bulk_record (operation_id, position, subject_id, mapping_id, direction, key, partner_key,
        seen_code, seen_field, seen_attempts, state, code, message, ended_at)
      select ${operationId}, row_number() over (order by s.mapping_id, s.direction, s.key, ${subject}), ${subject},
        s.mapping_id, s.direction, s.key, s.partner_key, s.code, s.field, s.attempts,
        case when s.id is null then 'refused' else 'pending' end,
        case when s.id is null then ${unknownCode(selection)} end,
        case when s.id is null then 'There is none of this number that is meant' end,
        case when s.id is null then clock_timestamp() end
      from ${source} returning state)
    select state, count(*)::int as records from staged group by state`)
  const counted = new Map(states.map(({ state, records }) => [state, records]))
  const unknown = counted.get('refused') ?? 0
  return { selected: (counted.get('pending') ?? 0) + unknown, unknown }
}

const unknownCode = ({ of }: BulkSelection): string => (of === 'issues' ? 'ISSUE_UNKNOWN' : 'NOT_COUPLED')

function refuseOther({ selection, expected }: NewBulkOperation, { selected, unknown }: Staged): void {
  if (selected === unknown) throw new SyncError('NOTHING_SELECTED', `There are no such ${selection.of}`)
  if (expected === null || expected === selected) return
  const message = `${selected} ${selection.of} are meant now, not ${expected}`
  throw new SyncError('SELECTION_CHANGED', message, { data: { selected, expected } })
}

export async function findSame(
  db: Executor,
  { selection, idempotencyKey, payloadHash }: Parameters<BulkStore['findSame']>[0],
): Promise<BulkOperation | null> {
  if (idempotencyKey === null) return null
  const { pairId } = scopeOf(selection)
  const ofPair = pairId === null ? isNull(bulkOperation.pairId) : eq(bulkOperation.pairId, pairId)
  const [found] = await db
    .select()
    .from(bulkOperation)
    .where(and(ofPair, eq(bulkOperation.idempotencyKey, idempotencyKey)))
  if (found === undefined) return null
  if (found.payloadHash === payloadHash) return toOperation(found)
  const message = `The idempotency key '${idempotencyKey}' belongs to operation ${found.id}, which asked for something else`
  throw new SyncError('RUN_KEY_REUSED', message, { data: { key: idempotencyKey, operationId: found.id } })
}
