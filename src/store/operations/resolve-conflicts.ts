import { eq, sql } from 'drizzle-orm'
import type { OperationsStore } from '../../core/ports/operations-store.ts'
import type { Issue } from '../../core/sync/issue.ts'
import { type Executor, rowsParameter } from '../database.ts'
import { issue } from '../schema/issue.ts'
import { selectIssues, toIssue } from '../sync/due-work.ts'
import { appendAudit } from './audit.ts'

export async function findIssue(db: Executor, id: number): Promise<Issue | null> {
  const rows = await selectIssues(db).where(eq(issue.id, id))
  return rows.map(toIssue)[0] ?? null
}

/** Rows are locked in the order in which pages write them, so that the two wait for each other and never crosswise. */
export async function resolveConflicts(
  db: Executor,
  decisions: Parameters<OperationsStore['resolveConflicts']>[0],
  { actor, detail }: Parameters<OperationsStore['resolveConflicts']>[1],
): Promise<number[]> {
  if (decisions.length === 0) return []
  const rows = decisions.map(({ issueId, attempts, resolution }) => ({ id: issueId, attempts, resolution }))
  return db.transaction(async (tx) => {
    const decided = await tx.execute<{ id: string }>(sql`
      with given as (
        select * from jsonb_to_recordset(${rowsParameter(rows)}) as w(id bigint, attempts int, resolution jsonb)
      ), met as (
        select i.id, w.resolution from couplet.issue i join given w on w.id = i.id and w.attempts = i.attempts
        where i.kind = 'conflict' and i.code = 'CONFLICT_BOTH_CHANGED' order by i.mapping_id, i.direction, i.key for no key update of i
      )
      update couplet.issue i set resolution = met.resolution, next_attempt_at = clock_timestamp()
      from met where met.id = i.id returning i.id`)
    const issues = decided.rows.map(({ id }) => Number(id))
    if (issues.length > 0)
      await appendAudit(tx, {
        actor,
        action: 'conflict.decided',
        subject: 'conflicts',
        detail: { ...detail, issues },
      })
    return issues
  })
}
