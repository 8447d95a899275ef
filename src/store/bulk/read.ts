import { and, asc, desc, eq, gt, inArray, lt, sql } from 'drizzle-orm'
import type { BulkOperation, BulkRecord } from '../../core/bulk/operation.ts'
import { SyncError } from '../../core/errors.ts'
import type { BulkStore, PendingRecord } from '../../core/ports/bulk-store.ts'
import { indexBy } from '../../lib/group.ts'
import { type Executor, idArray } from '../database.ts'
import { bulkOperation, bulkRecord } from '../schema/bulk-operation.ts'
import { coupling } from '../schema/coupling.ts'
import { issue } from '../schema/issue.ts'
import { tableMapping } from '../schema/table-mapping.ts'
import { selectIssues, toIssue } from '../sync/due-work.ts'

export function toOperation(row: typeof bulkOperation.$inferSelect): BulkOperation {
  const {
    kind: _,
    selected,
    done,
    refused,
    failed,
    errorCode,
    errorMessage,
    payloadHash: _hash,
    ...rest
  } = row
  const error = errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' }
  return { ...rest, error, counts: { selected, done, refused, failed } }
}

export async function get(db: Executor, id: number): Promise<BulkOperation> {
  const [row] = await db.select().from(bulkOperation).where(eq(bulkOperation.id, id))
  if (row === undefined) throw unknown(id)
  return toOperation(row)
}

/** The row stays locked until the end of the transaction. Throws OPERATION_UNKNOWN. */
export async function lock(tx: Executor, id: number): Promise<BulkOperation> {
  const [row] = await tx.select().from(bulkOperation).where(eq(bulkOperation.id, id)).for('no key update')
  if (row === undefined) throw unknown(id)
  return toOperation(row)
}

function unknown(id: number): SyncError {
  return new SyncError('OPERATION_UNKNOWN', `There is no operation ${id}`, { data: { operationId: id } })
}

export async function list(db: Executor, query: Parameters<BulkStore['list']>[0]): Promise<BulkOperation[]> {
  const { limit, before, pairId, mapping, kind, state } = query
  const rows = await db
    .select()
    .from(bulkOperation)
    .where(
      and(
        before === null ? undefined : lt(bulkOperation.id, before),
        pairId === null ? undefined : eq(bulkOperation.pairId, pairId),
        mapping === null ? undefined : eq(bulkOperation.mapping, mapping),
        kind === null ? undefined : eq(bulkOperation.kind, kind),
        state === null ? undefined : eq(bulkOperation.state, state),
      ),
    )
    .orderBy(desc(bulkOperation.id))
    .limit(limit)
  return rows.map(toOperation)
}

export async function listUnfinished(db: Executor, limit: number): Promise<BulkOperation[]> {
  const rows = await db
    .select()
    .from(bulkOperation)
    .where(inArray(bulkOperation.state, ['waiting', 'running']))
    .orderBy(asc(bulkOperation.id))
    .limit(limit)
  return rows.map(toOperation)
}

export async function listRecords(
  db: Executor,
  { id, limit, after, state }: Parameters<BulkStore['listRecords']>[0],
): Promise<BulkRecord[]> {
  return db
    .select({
      position: bulkRecord.position,
      subjectId: bulkRecord.subjectId,
      mappingName: tableMapping.name,
      direction: bulkRecord.direction,
      key: bulkRecord.key,
      partnerKey: bulkRecord.partnerKey,
      state: bulkRecord.state,
      code: bulkRecord.code,
      message: bulkRecord.message,
      endedAt: bulkRecord.endedAt,
    })
    .from(bulkRecord)
    .leftJoin(tableMapping, eq(tableMapping.id, bulkRecord.mappingId))
    .where(
      and(
        eq(bulkRecord.operationId, id),
        gt(bulkRecord.position, after),
        state === null ? undefined : eq(bulkRecord.state, state),
      ),
    )
    .orderBy(asc(bulkRecord.position))
    .limit(limit)
}

/** Three statements, however many records. Only records that there were when they were selected are pending. */
export async function listPending(
  db: Executor,
  id: number,
  { after, limit }: Parameters<BulkStore['listPending']>[1],
): Promise<PendingRecord[]> {
  const rows = await db
    .select()
    .from(bulkRecord)
    .where(
      and(eq(bulkRecord.operationId, id), eq(bulkRecord.state, 'pending'), gt(bulkRecord.position, after)),
    )
    .orderBy(asc(bulkRecord.position))
    .limit(limit)
  const isOfIssues = rows[0]?.seenCode != null
  const ids = rows.map(({ subjectId }) => subjectId)
  const issues = isOfIssues ? await findIssues(db, ids) : new Map()
  const couplings = isOfIssues ? new Map() : await findCouplings(db, ids)
  return rows.map(({ position, subjectId, mappingId, seenCode, seenField, seenAttempts }) => ({
    position,
    subjectId,
    mappingId: mappingId ?? 0,
    seen: seenCode === null ? null : { code: seenCode, field: seenField, attempts: seenAttempts ?? 0 },
    issue: issues.get(subjectId) ?? null,
    coupling: couplings.get(subjectId) ?? null,
  }))
}

async function findIssues(db: Executor, ids: readonly number[]) {
  const rows = await selectIssues(db).where(sql`${issue.id} = any(${idArray(ids)})`)
  return indexBy(rows.map(toIssue), ({ id }) => id)
}

async function findCouplings(db: Executor, ids: readonly number[]) {
  const rows = await db
    .select({ id: coupling.id, localKey: coupling.localKey, remoteKey: coupling.remoteKey })
    .from(coupling)
    .where(sql`${coupling.id} = any(${idArray(ids)})`)
  const pairs = rows.map(({ id, localKey, remoteKey }) => ({
    id,
    local: { key: localKey },
    remote: { key: remoteKey },
  }))
  return indexBy(pairs, ({ id }) => id)
}

export async function listTouchedMappings(db: Executor, id: number): Promise<number[]> {
  const { rows } = await db.execute<{ mapping_id: string }>(sql`
    select distinct mapping_id from couplet.bulk_record
    where operation_id = ${id} and state = 'done' order by mapping_id`)
  return rows.map(({ mapping_id }) => Number(mapping_id))
}
