import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Refusal } from '../../core/bulk/judge.ts'
import { type BulkOperation, bulkIsDone } from '../../core/bulk/operation.ts'
import type { BulkDecision, ChunkReport } from '../../core/ports/bulk-store.ts'
import { present } from '../../lib/assert.ts'
import { type Executor, rowsParameter } from '../database.ts'
import { appendAudit } from '../operations/audit.ts'
import { requestRecords } from '../runs/request-records.ts'
import { bulkRecord } from '../schema/bulk-operation.ts'
import { changeIssues } from './change-issues.ts'
import { lock } from './read.ts'

/** One record of the chunk with what has become of it; null: done. */
interface Ended {
  readonly position: number
  readonly subjectId: number
  readonly refused: Refusal | null
}

const changedMeanwhile: Refusal = { code: 'ISSUE_CHANGED', message: 'It has changed at this very moment' }

/** All in one transaction, under the lock of the operation's row. */
export async function commitChunk(
  db: Executor,
  id: number,
  decisions: readonly BulkDecision[],
): Promise<ChunkReport> {
  return db.transaction(async (tx) => {
    const operation = await lock(tx, id)
    if (bulkIsDone(operation.state)) return { isOpen: false, busy: 0 }
    const open = await stillPending(tx, id, decisions)
    const ended = await apply(tx, operation, open)
    await writeResults(tx, id, ended)
    await writeAudit(tx, operation, ended)
    return { isOpen: true, busy: open.length - ended.length }
  })
}

/** Another worker may have read the same chunk, and have been faster. */
async function stillPending(
  tx: Executor,
  id: number,
  decisions: readonly BulkDecision[],
): Promise<readonly BulkDecision[]> {
  const positions = decisions.map(({ record }) => record.position)
  const rows = await tx
    .select({ position: bulkRecord.position })
    .from(bulkRecord)
    .where(
      and(
        eq(bulkRecord.operationId, id),
        inArray(bulkRecord.position, positions),
        eq(bulkRecord.state, 'pending'),
      ),
    )
  const pending = new Set(rows.map(({ position }) => position))
  return decisions.filter(({ record }) => pending.has(record.position))
}

async function apply(
  tx: Executor,
  operation: BulkOperation,
  decisions: readonly BulkDecision[],
): Promise<readonly Ended[]> {
  const applied = decisions.filter((each) => each.verdict === 'apply')
  const isOfIssues = operation.selection.of === 'issues'
  const results = isOfIssues ? await changeIssues(tx, operation, applied) : new Map()
  if (!isOfIssues) await askFor(tx, operation, applied)
  return decisions.flatMap((each): readonly Ended[] => {
    const { position, subjectId } = each.record
    if (each.verdict === 'refuse') return [{ position, subjectId, refused: each.why }]
    const result = results.get(subjectId) ?? 'done'
    if (result === 'busy') return []
    return [{ position, subjectId, refused: result === 'changed' ? changedMeanwhile : null }]
  })
}

/**
 * Outside of any run: whoever holds the mapping next does it, at the latest the run that follows the operation. Cancelling that
 * run takes back what is left.
 */
async function askFor(
  tx: Executor,
  operation: BulkOperation,
  applied: readonly Extract<BulkDecision, { verdict: 'apply' }>[],
): Promise<void> {
  const pairId = present(operation.pairId, 'pair of couplings')
  const placed = applied.flatMap(({ record: { mappingId }, requests }) =>
    requests.map((request) => ({ ...request, pairId, mappingId, jobIds: [], operationId: operation.id })),
  )
  await requestRecords(tx, placed)
}

async function writeResults(tx: Executor, id: number, ended: readonly Ended[]): Promise<void> {
  const rows = ended.map(({ position, refused }) => ({
    position,
    state: refused === null ? 'done' : 'refused',
    code: refused?.code ?? null,
    message: refused?.message ?? null,
  }))
  await tx.execute(sql`
    update couplet.bulk_record r set state = w.state, code = w.code, message = w.message, ended_at = clock_timestamp()
    from jsonb_to_recordset(${rowsParameter(rows)}) as w(position int, state text, code text, message text)
    where r.operation_id = ${id} and r.position = w.position`)
  const refused = ended.filter((each) => each.refused !== null).length
  await tx.execute(sql`
    update couplet.bulk_operation
    set state = 'running', started_at = coalesce(started_at, clock_timestamp()),
      done = done + ${ended.length - refused}, refused = refused + ${refused}
    where id = ${id}`)
}

async function writeAudit(
  tx: Executor,
  { id, task, selection, requestedBy, reason }: BulkOperation,
  ended: readonly Ended[],
): Promise<void> {
  if (ended.length === 0) return
  const of = (isRefused: boolean) =>
    ended.filter(({ refused }) => (refused !== null) === isRefused).map(({ subjectId }) => subjectId)
  await appendAudit(tx, {
    actor: requestedBy,
    action: `${selection.of}.${task.kind}`,
    subject: `operation ${id}`,
    reason,
    detail: { [selection.of]: of(false), refused: of(true) },
  })
}
