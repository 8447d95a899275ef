import { and, desc, eq, getTableColumns, isNotNull, lt, or, sql } from 'drizzle-orm'
import type { OperationsStore, StoredOutcome } from '../../core/ports/operations-store.ts'
import type { Executor } from '../database.ts'
import { job } from '../schema/job.ts'
import { outcome } from '../schema/outcome.ts'
import { tableMapping } from '../schema/table-mapping.ts'
import { toErrorCode } from '../sync/due-work.ts'
import { isWithin } from '../time-range.ts'

export async function listOutcomes(
  db: Executor,
  query: Parameters<OperationsStore['listOutcomes']>[0],
): Promise<StoredOutcome[]> {
  const { runId, jobId, mapping, pairId = null, kind = null, code = null, limit, before } = query
  const rows = await selectOutcomes(db)
    .where(
      and(
        pairId === null ? undefined : eq(outcome.pairId, pairId),
        kind === null ? undefined : sql`${outcome.kind} = ${kind}`,
        code === null ? undefined : eq(outcome.code, code),
        runId === null ? undefined : eq(job.runId, runId),
        jobId === null ? undefined : eq(outcome.jobId, jobId),
        mapping === null ? undefined : eq(tableMapping.name, mapping),
        before === null ? undefined : lt(outcome.id, before),
        isWithin(outcome.at, query),
      ),
    )
    .orderBy(desc(outcome.id))
    .limit(limit)
  return rows.map(toStoredOutcome)
}

export async function listHistory(
  db: Executor,
  query: Parameters<OperationsStore['listHistory']>[0],
): Promise<StoredOutcome[]> {
  const { mappingId, direction, localKey, remoteKey, isOfBoth = false, limit, before } = query
  if (localKey === null && remoteKey === null) return []
  const isOfPair = or(
    localKey === null ? undefined : eq(outcome.localKey, localKey),
    remoteKey === null ? undefined : eq(outcome.remoteKey, remoteKey),
  )
  const rows = await selectOutcomes(db)
    .where(
      and(
        eq(outcome.mappingId, mappingId),
        isOfPair,
        isOfBoth ? and(isNotNull(outcome.localKey), isNotNull(outcome.remoteKey)) : undefined,
        direction === undefined ? undefined : eq(outcome.direction, direction),
        before === null ? undefined : lt(outcome.id, before),
      ),
    )
    .orderBy(desc(outcome.id))
    .limit(limit)
  return rows.map(toStoredOutcome)
}

/** Outcomes with their run and the name of their mapping, to be narrowed by the caller. */
function selectOutcomes(db: Executor) {
  return db
    .select({ ...getTableColumns(outcome), runId: job.runId, mappingName: tableMapping.name })
    .from(outcome)
    .innerJoin(job, eq(job.id, outcome.jobId))
    .innerJoin(tableMapping, eq(tableMapping.id, outcome.mappingId))
    .$dynamic()
}

function toStoredOutcome(row: Awaited<ReturnType<typeof selectOutcomes>>[number]): StoredOutcome {
  const { pairId: _pair, mappingId: _mapping, code, changes, warnings, ...rest } = row
  return {
    ...rest,
    code: code === null ? null : toErrorCode(code),
    changes: changes ?? [],
    warnings: warnings ?? [],
  }
}
