import { and, eq } from 'drizzle-orm'
import type { OperationsStore } from '../../core/ports/operations-store.ts'
import type { Executor } from '../database.ts'
import { inbox } from '../schema/inbox.ts'
import { issue } from '../schema/issue.ts'
import { selectIssues, toIssue } from '../sync/due-work.ts'

export async function findRecordState(
  db: Executor,
  { mappingId, direction, key }: Parameters<OperationsStore['findRecordState']>[0],
): ReturnType<OperationsStore['findRecordState']> {
  const [found] = await selectIssues(db).where(
    and(eq(issue.mappingId, mappingId), eq(issue.direction, direction), eq(issue.key, key)),
  )
  const requests = await db
    .select({ createMissing: inbox.createMissing })
    .from(inbox)
    .where(and(eq(inbox.mappingId, mappingId), eq(inbox.direction, direction), eq(inbox.key, key)))
  return {
    issue: found === undefined ? null : toIssue(found),
    isRequested: requests.length > 0,
    mayCreate: [...(found ? [found] : []), ...requests].some(({ createMissing }) => createMissing),
  }
}
